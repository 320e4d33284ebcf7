// The fixture's handler: what it does is chosen by "op" in the event. docs/CONFORMANCE.md says what each one means.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct {
	ContentType string `json:"contentType"`
	Op          string `json:"op"`
	Message     string `json:"message"`
	Bytes       int    `json:"bytes"`
	Ms          int    `json:"ms"`
	Code        int    `json:"code"`
	Lines       int    `json:"lines"`
	Chunks      int    `json:"chunks"`
	Delay       int    `json:"delay"`
	Mb          int    `json:"mb"`
	Mib         int    `json:"mib"`
}

var count = 0

func handle(ctx context.Context, event json.RawMessage) (any, error) {
	var asked request
	// An event that is no object has no operation.
	_ = json.Unmarshal(event, &asked)
	switch asked.Op {
	case "", "echo":
		return event, nil
	case "ctx":
		return describe(ctx), nil
	case "throw":
		return nil, errors.New("thrown on purpose")
	case "throw-async":
		failed := make(chan error)
		go func() { failed <- errors.New("thrown on purpose, later") }()
		return nil, <-failed
	case "null", "undefined":
		return nil, nil
	case "unserialisable":
		return math.NaN(), nil
	case "big":
		return strings.Repeat("a", asked.Bytes-2), nil
	case "counter":
		count++
		return map[string]int{"count": count}, nil
	case "background":
		go time.Sleep(time.Duration(asked.Ms) * time.Millisecond)
		return map[string]bool{"background": true}, nil
	case "sleep":
		time.Sleep(time.Duration(asked.Ms) * time.Millisecond)
		return map[string]int{"slept": asked.Ms}, nil
	case "child":
		program := exec.Command("sleep", "8")
		program.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		return map[string]bool{"child": true}, program.Start()
	case "fill":
		held := []byte(strings.Repeat("a", asked.Mb<<20))
		time.Sleep(time.Duration(asked.Ms) * time.Millisecond)
		return map[string]int{"held": len(held)}, nil
	case "hang":
		for {
			time.Sleep(time.Second)
		}
	case "exit":
		os.Exit(asked.Code)
	case "reject-later":
		go panic("panics where nobody waits")
		time.Sleep(200 * time.Millisecond)
		return "survived", nil
	case "log":
		for line := 1; line <= asked.Lines; line++ {
			fmt.Printf("conformance line %d\n", line)
		}
		return map[string]int{"lines": asked.Lines}, nil
	case "stdout-partial":
		fmt.Print("conformance fragment")
		return map[string]bool{"written": true}, nil
	}
	return nil, errors.New("no such operation")
}

func describe(ctx context.Context) map[string]any {
	found, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return map[string]any{
		"requestId":       found.AwsRequestID,
		"functionArn":     found.InvokedFunctionArn,
		"functionName":    lambdacontext.FunctionName,
		"functionVersion": lambdacontext.FunctionVersion,
		"memoryMb":        strconv.Itoa(lambdacontext.MemoryLimitInMB),
		"logGroupName":    lambdacontext.LogGroupName,
		"logStreamName":   lambdacontext.LogStreamName,
		"remainingMs":     time.Until(deadline).Milliseconds(),
		"traceId":         os.Getenv("_X_AMZN_TRACE_ID"),
		"clientCustom":    found.ClientContext.Custom,
		"clientEnv":       found.ClientContext.Env,
		"identityId":      found.Identity.CognitoIdentityID,
		"identityPoolId":  found.Identity.CognitoIdentityPoolID,
		"tenantId":        found.TenantID,
	}
}

type typed struct {
	io.Reader
	contentType string
}

func (response typed) ContentType() string { return response.contentType }

func stream(_ context.Context, asked request) (io.Reader, error) {
	if asked.Op == "stream-error-before" {
		return nil, errors.New("thrown before the first byte")
	}
	if asked.Op == "stream-type" {
		return typed{strings.NewReader("typed"), asked.ContentType}, nil
	}
	if asked.Op == "stream-http" {
		return &events.LambdaFunctionURLStreamingResponse{
			StatusCode: 418,
			Headers:    map[string]string{"x-colour": "blue"},
			Cookies:    []string{"a=1", "b=2"},
			Body:       strings.NewReader("after the prelude"),
		}, nil
	}
	out, in := io.Pipe()
	go func() {
		if asked.Op == "stream-error-mid" {
			_, _ = io.WriteString(in, "the first bytes")
			_ = in.CloseWithError(errors.New("thrown after the first bytes"))
			return
		}
		for piece := 1; piece <= asked.Mib; piece++ {
			_, _ = io.WriteString(in, strings.Repeat("a", 1<<20))
			fmt.Printf("conformance wrote %d\n", piece)
		}
		for chunk := 1; chunk <= asked.Chunks; chunk++ {
			if chunk > 1 {
				time.Sleep(time.Duration(asked.Delay) * time.Millisecond)
			}
			_, _ = fmt.Fprintf(in, "chunk %d,", chunk)
		}
		_ = in.Close()
	}()
	return out, nil
}

func main() {
	if os.Getenv("_HANDLER") == "stream" {
		lambda.Start(stream)
	}
	lambda.Start(handle)
}
