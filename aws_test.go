package updraft_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/updraft-otel/updraft"
)

func TestAWSConfig(t *testing.T) {
	before := aws.Config{Region: "eu-west-1", APIOptions: make([]func(*middleware.Stack) error, 1, 2)}
	after := updraft.AWSConfig(before)
	if after.Region != "eu-west-1" || len(after.APIOptions) != 2 || len(before.APIOptions) != 1 || before.APIOptions[:2][1] != nil {
		t.Errorf("%d options of %d", len(after.APIOptions), len(before.APIOptions))
	}
}
