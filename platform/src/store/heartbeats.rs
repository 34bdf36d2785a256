//! The last sign of life of each kiosk.

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use super::catalogues::newest_number;
use super::database::Store;
use super::error::StoreError;
use super::kiosks::{Denied, Peer};
use super::rows::all;

/// What a kiosk said of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heartbeat {
    pub(crate) clock: i64,
    pub(crate) version: String,
    pub(crate) uptime_s: u64,
    pub(crate) queued: u64,
    pub(crate) held: u64,
    pub(crate) oldest_s: Option<u64>,
    /// A JSON array, as checked by the route.
    pub(crate) devices: String,
}

/// A kiosk and its last sign of life.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KioskLine {
    /// Its id.
    pub kiosk: String,
    /// How often it was enrolled with a new signing key.
    pub epoch: u32,
    /// Whether it is refused.
    pub revoked: bool,
    /// Requests that the platform has of it.
    pub requests: u64,
    /// Alarms that stand.
    pub alarms: u64,
    /// Its last heartbeat; absent when there was none.
    pub heartbeat: Option<LastHeartbeat>,
}

/// A kiosk's last heartbeat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LastHeartbeat {
    /// When it came: Unix seconds.
    pub received: i64,
    /// The kiosk's clock then: Unix seconds.
    pub clock: i64,
    /// The kiosk's release.
    pub version: String,
    /// How long it ran: seconds.
    pub uptime_s: u64,
    /// Requests that wait on it.
    pub queued: u64,
    /// Requests that wait for its staff.
    pub held: u64,
    /// Age of the oldest of them: seconds.
    pub oldest_s: Option<u64>,
    /// Its devices with their states.
    pub devices: Value,
}

impl Store {
    /// Every kiosk with its last heartbeat, by id.
    pub fn kiosks(&self) -> Result<Vec<KioskLine>, StoreError> {
        self.read(kiosks)
    }

    /// Keeps a kiosk's heartbeat in place of the one before; gives the number of the newest catalogue.
    pub(crate) fn keep_heartbeat(
        &self,
        peer: &Peer,
        beat: Heartbeat,
        now: i64,
    ) -> Result<Option<u64>, Denied> {
        self.write_for(peer, move |connection, kiosk| {
            keep(connection, kiosk, &beat, now)?;
            newest_number(connection)
        })
    }
}

fn kiosks(connection: &Connection) -> rusqlite::Result<Vec<KioskLine>> {
    all(
        connection,
        "SELECT id, epoch, revoked IS NOT NULL,
                     (SELECT count(*) FROM requests WHERE requests.kiosk = kiosks.id),
                     (SELECT count(*) FROM alarms WHERE alarms.kiosk = kiosks.id AND ended IS NULL),
                     received, clock, version, uptime_s, queued, held, oldest_s, devices
                 FROM kiosks LEFT JOIN heartbeats ON heartbeats.kiosk = kiosks.id ORDER BY id",
        [],
        |row| {
            let heartbeat = match row.get(5)? {
                None => None,
                Some(received) => Some(LastHeartbeat {
                    received,
                    clock: row.get(6)?,
                    version: row.get(7)?,
                    uptime_s: row.get(8)?,
                    queued: row.get(9)?,
                    held: row.get(10)?,
                    oldest_s: row.get(11)?,
                    devices: serde_json::from_str(&row.get::<_, String>(12)?).unwrap_or_default(),
                }),
            };
            Ok(KioskLine {
                kiosk: row.get(0)?,
                epoch: row.get(1)?,
                revoked: row.get(2)?,
                requests: row.get(3)?,
                alarms: row.get(4)?,
                heartbeat,
            })
        },
    )
}

fn keep(connection: &Connection, kiosk: &str, beat: &Heartbeat, now: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO heartbeats
                 (kiosk, received, clock, version, uptime_s, queued, held, oldest_s, devices)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            kiosk,
            now,
            beat.clock,
            &beat.version,
            beat.uptime_s,
            beat.queued,
            beat.held,
            beat.oldest_s,
            &beat.devices,
        ))?;
    Ok(())
}
