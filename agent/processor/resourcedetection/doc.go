// Package resourcedetection is the agent's processor that says where telemetry comes from. It takes the configuration of
// the collector's processor of that name, for the detectors env, system, ec2, ecs, eks, lambda and elastic_beanstalk:
//
//	processors:
//	  resourcedetection:
//	    detectors: [env, system, ecs, ec2]
//
// Those of AWS's platforms are the library's, package detect. Those of other clouds are left out, and so is what needs an AWS
// service's API: they are most of that processor's size. The first of the detectors to know an attribute has the say.
//
// What cannot be detected does not hold up the start: telemetry passes without, and detection is tried again until it works.
package resourcedetection
