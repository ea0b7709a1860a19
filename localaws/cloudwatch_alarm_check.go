package localaws

import (
	"fmt"
	"slices"
	"strings"
)

// Checks of the calls about alarms, whose errors are those of a model: AWS names
// the value, the member and the constraint.

// present reports whether a member is there.
func (i item) present(field string, text *string) bool {
	if text == nil {
		i.fail(&ruleAlarmNull, field, "", field)
		return false
	}
	return true
}

// size checks how many characters a text has.
func (i item) size(field, text string, least, most int) {
	switch n := len([]rune(text)); {
	case n < least:
		i.fail(&ruleAlarmSize, field, text, text, field, fmt.Sprintf("greater than or equal to %d", least))
	case n > most:
		i.fail(&ruleAlarmSize, field, n, shown(text), field, fmt.Sprintf("less than or equal to %d", most))
	}
}

// among checks that a text is one of some.
func (i item) among(field string, text *string, required bool, of []string) {
	switch {
	case text == nil && required:
		i.fail(&ruleAlarmNull, field, "", field)
	case text != nil && !slices.Contains(of, *text):
		i.fail(&ruleAlarmEnum, field, *text, shown(*text), field, strings.Join(of, ", "))
	}
}

// actions checks the ARNs of actions.
func (i item) actions(field string, list []string) {
	if n := len(list); n > maxAlarmActions {
		i.fail(&ruleAlarmActions, field, n, field)
	}
	for _, arn := range list {
		if !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5 || len(arn) > maxActionArn {
			i.fail(&ruleAlarmArn, field, arn, shown(arn))
		}
	}
}

// alarmPeriod checks a period of an alarm.
func (i item) alarmPeriod(field string, period *int) {
	switch {
	case period == nil:
		i.fail(&ruleAlarmNull, field, "", field)
	case *period == 10, *period == 20, *period == 30, *period > 0 && *period%minuteResolution == 0:
	default:
		i.fail(&ruleAlarmPeriod, field, *period)
	}
}

// names checks a list of alarm names.
func (i item) names(list []string, required bool) {
	if required && len(list) == 0 {
		i.fail(&ruleAlarmNull, "AlarmNames", "", "AlarmNames")
	}
	if n := len(list); n > maxAlarmNames {
		i.fail(&ruleAlarmNames, "AlarmNames", n)
	}
}

// records reads MaxRecords.
func (i item) records(n *int) int {
	if n == nil {
		return defaultAlarmRecords
	}
	if *n < 1 || *n > maxAlarmRecords {
		i.fail(&ruleAlarmRecords, "MaxRecords", *n, *n)
	}
	return *n
}

// alarmTypes checks AlarmTypes, and reports whether metric alarms are asked for.
func (i item) alarmTypes(list []string) bool {
	for k, t := range list {
		i.among(fmt.Sprintf("AlarmTypes.member.%d", k+1), &t, true, []string{"CompositeAlarm", typeMetricAlarm})
	}
	return len(list) == 0 || slices.Contains(list, typeMetricAlarm)
}
