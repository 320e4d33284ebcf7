//! The fixture's handler: what it does is chosen by "op" in the event. docs/CONFORMANCE.md says what each one means.
use lambda_runtime::{service_fn, Error, LambdaEvent};
use serde_json::{json, Value};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

static COUNT: AtomicU64 = AtomicU64::new(0);

fn number(event: &Value, name: &str) -> u64 {
    event[name].as_u64().unwrap_or(0)
}

fn describe(event: &LambdaEvent<Value>) -> Value {
    let context = &event.context;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let client = context.client_context.as_ref();
    let identity = context.identity.as_ref();
    json!({
        "requestId": context.request_id,
        "functionArn": context.invoked_function_arn,
        "functionName": context.env_config.function_name,
        "functionVersion": context.env_config.version,
        "memoryMb": context.env_config.memory.to_string(),
        "logGroupName": context.env_config.log_group,
        "logStreamName": context.env_config.log_stream,
        "remainingMs": context.deadline as i64 - now.as_millis() as i64,
        "traceId": std::env::var("_X_AMZN_TRACE_ID").ok(),
        "clientCustom": client.map(|found| &found.custom),
        "clientEnv": client.map(|found| &found.environment),
        "identityId": identity.map(|found| &found.identity_id),
        "identityPoolId": identity.map(|found| &found.identity_pool_id),
        "tenantId": context.tenant_id,
    })
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let asked = &event.payload;
    match asked["op"].as_str().unwrap_or("echo") {
        "echo" => Ok(asked.clone()),
        "ctx" => Ok(describe(&event)),
        "throw" => Err("thrown on purpose".into()),
        "throw-async" => {
            tokio::task::yield_now().await;
            Err("thrown on purpose, later".into())
        }
        "reject-later" => {
            std::thread::spawn(|| panic!("panics where nobody waits"));
            std::thread::sleep(Duration::from_millis(200));
            Ok(json!("survived"))
        }
        "null" | "undefined" => Ok(Value::Null),
        "big" => Ok(json!("a".repeat(number(asked, "bytes") as usize - 2))),
        "counter" => Ok(json!({ "count": COUNT.fetch_add(1, Ordering::SeqCst) + 1 })),
        "background" => {
            let ms = number(asked, "ms");
            std::thread::spawn(move || std::thread::sleep(Duration::from_millis(ms)));
            Ok(json!({ "background": true }))
        }
        "sleep" => {
            std::thread::sleep(Duration::from_millis(number(asked, "ms")));
            Ok(json!({ "slept": number(asked, "ms") }))
        }
        "child" => {
            Command::new("sleep").arg("8").process_group(0).spawn()?;
            Ok(json!({ "child": true }))
        }
        "fill" => {
            let held = vec![1u8; (number(asked, "mb") << 20) as usize];
            std::thread::sleep(Duration::from_millis(number(asked, "ms")));
            Ok(json!({ "held": held.iter().map(|byte| *byte as u64).sum::<u64>() }))
        }
        "hang" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        "exit" => std::process::exit(number(asked, "code") as i32),
        "log" => {
            for line in 1..=number(asked, "lines") {
                println!("conformance line {line}");
            }
            Ok(json!({ "lines": number(asked, "lines") }))
        }
        "stdout-partial" => {
            print!("conformance fragment");
            std::io::stdout().flush()?;
            Ok(json!({ "written": true }))
        }
        other => Err(format!("there is no operation {other}").into()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
