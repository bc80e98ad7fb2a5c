//! The rules that stand before the answer: firewall, broken service, stalls, bad luck, limits.

use std::sync::atomic::Ordering;

use super::Registry;
use super::errors::error;
use crate::portal::html;
use crate::reply::{Ending, Reply};
use crate::schema::{Broken, BrokenBody, Flavour, IntermittentHow, Operation, Throttle};

impl Registry {
    /// The answer, where no rule stands before it.
    pub(super) fn ruled(&self, operation: Operation, id: &str, answer: impl FnOnce() -> Reply) -> Reply {
        self.refused(operation, id).unwrap_or_else(answer)
    }

    fn refused(&self, operation: Operation, id: &str) -> Option<Reply> {
        let rules = &self.rules;
        if let Some(wall) = rules.firewall.as_ref().filter(|wall| holds(&wall.at, operation)) {
            let message = format!(
                "client with IP '{}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access. \
                 CorrelationId: {id}",
                wall.sees
            );
            return Some(error(403, "DENIED", &message, None));
        }
        if rules.stall.as_ref().is_some_and(|stall| holds(&stall.at, operation)) {
            return Some(Reply::without(Ending::Never));
        }
        if let Some(fault) = rules.broken.as_ref().filter(|broken| holds(&broken.at, operation)) {
            return Some(broken(fault, id));
        }
        if let Some(now_and_then) = rules.intermittent.as_ref().filter(|rule| holds(&rule.at, operation)) {
            let number = self.counted.fetch_add(1, Ordering::Relaxed) + 1;
            if number.is_multiple_of(now_and_then.every.max(1)) {
                return Some(match now_and_then.how {
                    IntermittentHow::Broken => broken(&Broken::default(), id),
                    IntermittentHow::Cut => Reply::without(Ending::Cut),
                    IntermittentHow::NotFound => error(404, "MANIFEST_UNKNOWN", "manifest unknown", None),
                });
            }
        }
        let limit = rules.throttle.as_ref().filter(|throttle| holds(&throttle.at, operation))?;
        Some(self.throttled(limit, id))
    }

    fn throttled(&self, limit: &Throttle, id: &str) -> Reply {
        let message = match (self.rules.flavour, &limit.cache_rule) {
            (_, Some(rule)) => {
                format!("too many requests to source registry for cache rule '{rule}'. CorrelationId: {id}")
            }
            (Flavour::Acr, None) => {
                "Too many requests. Please visit https://aka.ms/acr/skus#sku-feature-matrix to \
                                     view limits of all service tiers."
                    .to_owned()
            }
            (Flavour::Hub, None) => "You have reached your unauthenticated pull rate limit. \
                                     https://www.docker.com/increase-rate-limit"
                .to_owned(),
            (_, None) => "too many requests".to_owned(),
        };
        let mut reply = error(429, "TOOMANYREQUESTS", &message, None);
        if limit.retry_after > 0 {
            reply = reply.header("retry-after", limit.retry_after.to_string());
        }
        if self.rules.flavour == Flavour::Hub {
            reply = reply
                .header("ratelimit-limit", "100;w=21600")
                .header("ratelimit-remaining", "0;w=21600")
                .header("docker-ratelimit-source", "203.0.113.7");
        }
        reply
    }
}

fn holds(at: &[Operation], operation: Operation) -> bool {
    at.is_empty() || at.contains(&operation)
}

fn broken(fault: &Broken, id: &str) -> Reply {
    let title = match fault.status {
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        504 => "Gateway Timeout",
        _ => "Service Unavailable",
    };
    match fault.body {
        BrokenBody::Json if fault.status == 503 => {
            error(503, "UNAVAILABLE", &format!("service unavailable. CorrelationId: {id}"), None)
        }
        BrokenBody::Json => error(fault.status, "UNKNOWN", "unknown error", None),
        BrokenBody::Html => Reply::status(fault.status).body(
            "text/html",
            html(&format!("{} {title}", fault.status), "Microsoft-Azure-Application-Gateway/v2"),
        ),
        BrokenBody::Empty => Reply::status(fault.status),
    }
}
