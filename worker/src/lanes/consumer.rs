//! The first bell: one consumer a lane. Any error drops the connection and starts over.

use super::work::{Answered, Crew, Heard};
use futures_util::StreamExt;
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{
        BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions,
    },
    types::{AMQPValue, FieldTable, ShortString},
};
use makerlab_shared::{
    broker::{self, ANSWER_TIMEOUT, Bell, Names, RECONNECT, Session},
    crash::{self, CrashPoint},
    domain::job::Lane,
    settings::BrokerSettings,
    telemetry::traceparent,
};
use std::time::Duration;
use tokio::time::timeout;

/// What cannot be run now is not worth asking again at once.
const GIVE_BACK_AFTER: Duration = Duration::from_secs(1);

/// Why a lane stopped consuming.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error(transparent)]
    Broker(#[from] broker::BrokerError),
    #[error("the broker went away while {doing}")]
    Lapin {
        doing: &'static str,
        #[source]
        source: lapin::Error,
    },
    #[error("the broker did not answer within {ANSWER_TIMEOUT:?} while {0}")]
    Timeout(&'static str),
    #[error("the broker ended the stream of deliveries")]
    StreamEnded,
}

/// Consumes every lane until stopped. What is in progress then is finished by the crew's tasks.
pub async fn consume(crew: Crew, settings: BrokerSettings) {
    let lanes = Lane::ALL.iter().map(|lane| consume_lane(crew.clone(), settings.clone(), *lane));
    futures_util::future::join_all(lanes).await;
}

async fn consume_lane(crew: Crew, settings: BrokerSettings, lane: Lane) {
    let mut failures = 0;
    while !crew.stop.is_cancelled() {
        let mut gate = crew.gate.clone();
        tokio::select! {
            () = gate.opened(lane) => {}
            () = crew.stop.cancelled() => return,
        }
        match consume_until_error(&crew, &settings, lane, &mut failures).await {
            Ok(()) => continue,
            Err(error) => {
                tracing::debug!(
                    job.lane = lane.as_str(),
                    error = &error as &dyn std::error::Error,
                    "Lane {lane} lost the broker"
                );
            }
        }
        let pause = RECONNECT.delay(failures, &mut rand::rng()).max(Duration::from_millis(50));
        failures += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = crew.stop.cancelled() => return,
        }
    }
}

async fn consume_until_error(
    crew: &Crew,
    settings: &BrokerSettings,
    lane: Lane,
    failures: &mut u32,
) -> Result<(), Stopped> {
    let session = broker::connect(&settings.url, &format!("makerlab-worker {lane}")).await?;
    let names = Names::new(&settings.prefix);
    let channel = session.open_channel().await?;
    broker::declare(&channel, &names).await?;
    let prefetch = u16::try_from(crew.settings.concurrency(lane)).unwrap_or(u16::MAX);
    bounded("setting the prefetch", channel.basic_qos(prefetch, BasicQosOptions::default())).await?;
    let tag = format!("{}-{}", names.queue(lane), std::process::id());
    let consumer = bounded(
        "consuming",
        channel.basic_consume(
            names.queue(lane).into(),
            tag.clone().into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        ),
    )
    .await?;
    *failures = 0;
    deliver_all(crew, lane, consumer, &channel, &tag, session).await
}

async fn deliver_all(
    crew: &Crew,
    lane: Lane,
    mut consumer: Consumer,
    channel: &Channel,
    tag: &str,
    session: Session,
) -> Result<(), Stopped> {
    let mut gate = crew.gate.clone();
    loop {
        // A hand first: what we cannot begin is not taken from the broker's hands.
        let hand = tokio::select! {
            hand = crew.hand(lane) => hand,
            () = crew.stop.cancelled() => return say_goodbye(crew, channel, tag, session).await,
            () = gate.shut(lane) => return say_goodbye(crew, channel, tag, session).await,
        };
        let delivery = tokio::select! {
            delivery = consumer.next() => delivery,
            () = crew.stop.cancelled() => return say_goodbye(crew, channel, tag, session).await,
            () = gate.shut(lane) => return say_goodbye(crew, channel, tag, session).await,
        };
        let Some(delivery) = delivery else { return Err(Stopped::StreamEnded) };
        let delivery = delivery.map_err(|source| Stopped::Lapin { doing: "delivering", source })?;
        crew.note_heard(lane);
        let crew_of_task = crew.clone();
        crew.tasks.spawn(async move {
            answer(&crew_of_task, lane, delivery).await;
            drop(hand);
        });
    }
}

async fn answer(crew: &Crew, lane: Lane, delivery: Delivery) {
    let bell = match Bell::decode(&delivery.data) {
        Ok(bell) => bell,
        Err(error) => {
            tracing::error!(
                job.lane = lane.as_str(),
                error = &error as &dyn std::error::Error,
                "A message that is no bell is set aside in the dead-letter queue"
            );
            let _broker_gone = timeout(ANSWER_TIMEOUT, delivery.reject(BasicRejectOptions { requeue: false })).await;
            return;
        }
    };
    crash::pass_in(lane, CrashPoint::BellHeard);
    let trace = trace_of(&delivery);
    let heard = Heard { job: bell.job_id, kind: Some(bell.kind), bell: "first", trace: trace.as_deref() };
    let answered = crew.answer(lane, heard).await;
    crash::pass_in(lane, CrashPoint::BeforeAck);
    // An ack that does not arrive brings the bell again, and then there is nothing to take.
    let _broker_gone = match answered {
        Answered::Forget => timeout(ANSWER_TIMEOUT, delivery.ack(BasicAckOptions::default())).await,
        Answered::GiveBack => {
            let options = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
            tokio::select! {
                () = tokio::time::sleep(GIVE_BACK_AFTER) => {}
                () = crew.stop.cancelled() => {}
            }
            timeout(ANSWER_TIMEOUT, delivery.nack(options)).await
        }
    };
    crash::pass_in(lane, CrashPoint::AfterAck);
}

fn trace_of(delivery: &Delivery) -> Option<String> {
    let headers = delivery.properties.headers().as_ref()?;
    match headers.inner().get(&ShortString::from(traceparent::HEADER))? {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Nothing new from here on. What is in progress keeps the channel until it is answered.
async fn say_goodbye(crew: &Crew, channel: &Channel, tag: &str, session: Session) -> Result<(), Stopped> {
    bounded("cancelling the consumer", channel.basic_cancel(tag.into(), BasicCancelOptions::default())).await?;
    if crew.stop.is_cancelled() {
        crew.tasks.close();
        crew.tasks.wait().await;
    }
    session.close().await;
    Ok(())
}

async fn bounded<T>(doing: &'static str, answer: impl Future<Output = Result<T, lapin::Error>>) -> Result<T, Stopped> {
    match timeout(ANSWER_TIMEOUT, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => Err(Stopped::Lapin { doing, source }),
        Err(_) => Err(Stopped::Timeout(doing)),
    }
}
