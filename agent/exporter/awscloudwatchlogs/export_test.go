package awscloudwatchlogs

// Hostile are the records of this package's tests.
var Hostile = hostile
