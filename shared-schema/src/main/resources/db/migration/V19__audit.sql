-- What audits are found by: who had something done, which buildsets a change is in, what a master and a worker had, what
-- was asked of a builder. And two views for those who audit with SQL.

-- The builds of a master and of a worker by time, the requests for a builder by time.
ALTER TABLE build_view
    ADD KEY build_view_master (master, claimed_at),
    ADD KEY build_view_worker (worker, claimed_at);

ALTER TABLE request_view
    ADD KEY request_view_builder (builder, submitted_at);

-- The events that somebody had a part in; what masters do by themselves is not here.
CREATE TABLE action_view (
    stream          VARCHAR(255) NOT NULL,
    sequence_number BIGINT       NOT NULL,
    -- By the name that was given.
    actor           VARCHAR(500) NOT NULL,
    recorded_at     DATETIME(6)  NOT NULL,
    PRIMARY KEY (stream, sequence_number),
    -- What one of them did, by time.
    KEY action_view_actor (actor, recorded_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE change_buildset_view (
    change_id   BIGINT NOT NULL,
    buildset_id BIGINT NOT NULL,
    -- The buildsets that a change is in.
    PRIMARY KEY (change_id, buildset_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- From here on the follower that writes the views is called views-4, for the same reason as in V11. What the log has
-- already of what the new tables show, as far as the former follower has read it, is filled in here; the new follower goes
-- on where that one was.
UPDATE token SET owner = 'nobody#0' WHERE processor_name = 'views-3';
INSERT IGNORE INTO token (processor_name, segment, token, token_type, timestamp)
SELECT 'views-4', segment, token, token_type, timestamp FROM token WHERE processor_name = 'views-3';

-- Else the statement would lock the events that it reads, and nobody could append any.
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;

INSERT INTO action_view (stream, sequence_number, actor, recorded_at)
SELECT stream, sequence_number,
       CASE WHEN CHAR_LENGTH(actor) > 500 THEN CONCAT(LEFT(actor, 499), '…') ELSE actor END,
       recorded_at
  FROM (SELECT event.stream, event.sequence_number, event.recorded_at,
               CASE event.type
                   WHEN 'change-received' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.author'))
                   WHEN 'build-triggered' THEN
                       COALESCE(CONCAT('build ', JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.parent.builder')), '/',
                                       JSON_EXTRACT(event.payload, '$.parent.buildNumber')),
                                'a build')
                   WHEN 'scheduler-enabled' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.by'))
                   WHEN 'scheduler-disabled' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.by'))
                   WHEN 'build-request-cancelled' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.cancelledBy'))
                   WHEN 'build-request-priority-changed' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.changedBy'))
                   WHEN 'buildset-submitted' THEN
                       JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.rebuiltFrom.requestedBy'))
                   ELSE JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
               END AS actor
          FROM event JOIN token ON token.processor_name = 'views-4' AND token.segment = 0
         WHERE event.type IN ('change-received', 'scheduler-switched', 'build-forced', 'build-triggered',
                              'patch-submitted', 'scheduler-enabled', 'scheduler-disabled', 'buildset-submitted',
                              'build-request-cancelled', 'build-request-priority-changed', 'build-request-released',
                              'worker-paused', 'worker-unpaused', 'worker-stop-requested', 'master-drained',
                              'master-undrained', 'configuration-reload-requested', 'configuration-reloaded',
                              'configuration-reload-refused')
           AND event.global_index <= CAST(JSON_EXTRACT(token.token, '$.index') AS SIGNED)
           AND JSON_VALID(event.payload)
           AND NOT COALESCE(JSON_CONTAINS(token.token, CAST(event.global_index AS CHAR), '$.gaps'), FALSE)) AS projected
 WHERE actor IS NOT NULL;

-- Of the same events as its other rows.
INSERT INTO change_buildset_view (change_id, buildset_id)
SELECT DISTINCT listed.change_id, buildset_view.buildset_id
  FROM buildset_view
       JOIN JSON_TABLE(buildset_view.change_ids, '$[*]' COLUMNS (change_id BIGINT PATH '$')) AS listed;

-- The log for people: docs/auditing.md. Each column is one of the event's own, or computed from it.
CREATE VIEW audit_events AS
SELECT event.global_index,
       event.stream,
       event.sequence_number,
       event.type,
       event.revision,
       event.recorded_at,
       CASE WHEN JSON_VALID(event.metadata) THEN JSON_UNQUOTE(JSON_EXTRACT(event.metadata, '$.master')) END AS master,
       CASE WHEN JSON_VALID(event.metadata) THEN CAST(JSON_EXTRACT(event.metadata, '$.epoch') AS SIGNED) END AS epoch,
       CASE WHEN JSON_VALID(event.metadata) THEN JSON_UNQUOTE(JSON_EXTRACT(event.metadata, '$.cause')) END AS cause,
       CASE WHEN NOT JSON_VALID(event.payload) THEN NULL ELSE CASE event.type
           WHEN 'change-received' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.author'))
           WHEN 'scheduler-switched' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'build-forced' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'patch-submitted' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'build-triggered' THEN
               COALESCE(CONCAT('build ', JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.parent.builder')), '/',
                               JSON_EXTRACT(event.payload, '$.parent.buildNumber')),
                        'a build')
           WHEN 'scheduler-enabled' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.by'))
           WHEN 'scheduler-disabled' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.by'))
           WHEN 'buildset-submitted' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.rebuiltFrom.requestedBy'))
           WHEN 'build-request-cancelled' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.cancelledBy'))
           WHEN 'build-request-priority-changed' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.changedBy'))
           WHEN 'build-request-released' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'worker-paused' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'worker-unpaused' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'worker-stop-requested' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'master-drained' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'master-undrained' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'configuration-reload-requested' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'configuration-reloaded' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
           WHEN 'configuration-reload-refused' THEN JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.requestedBy'))
       END END AS actor,
       event.payload,
       event.metadata
  FROM event;

-- Each claim with its end. Which there are says build_view, by its keys; the rest is read from the request's stream.
CREATE VIEW audit_claims AS
SELECT build_view.request_id,
       build_view.builder,
       build_view.build_number,
       build_view.master,
       build_view.epoch,
       build_view.attempt,
       build_view.worker,
       JSON_UNQUOTE(JSON_EXTRACT(claimed.payload, '$.fingerprint')) AS fingerprint,
       build_view.claimed_at,
       build_view.started_at,
       build_view.finished_at AS ended_at,
       CASE ended.type
           WHEN 'build-request-completed' THEN 'completed'
           WHEN 'build-request-released' THEN 'released'
           WHEN 'build-request-cancelled' THEN 'cancelled'
       END AS ended_as,
       build_view.results,
       build_view.summary,
       -- The master that wrote the end down, and who had it done.
       JSON_UNQUOTE(JSON_EXTRACT(ended.metadata, '$.master')) AS ended_by_master,
       CAST(JSON_EXTRACT(ended.metadata, '$.epoch') AS SIGNED) AS ended_by_epoch,
       CASE ended.type
           WHEN 'build-request-released' THEN JSON_UNQUOTE(JSON_EXTRACT(ended.payload, '$.requestedBy'))
           WHEN 'build-request-cancelled' THEN JSON_UNQUOTE(JSON_EXTRACT(ended.payload, '$.cancelledBy'))
       END AS ended_by_actor,
       CONCAT(claimed.stream, '@', claimed.sequence_number) AS claim_event,
       CONCAT(ended.stream, '@', ended.sequence_number) AS end_event
  FROM build_view
       LEFT JOIN event AS claimed
              ON claimed.stream = CONCAT(_utf8mb4'build-request/', build_view.request_id) COLLATE utf8mb4_bin
             AND claimed.type = 'build-request-claimed'
             AND CAST(JSON_EXTRACT(claimed.payload, '$.attempt') AS SIGNED) = build_view.attempt
       LEFT JOIN event AS ended
              ON ended.stream = claimed.stream
             AND build_view.finished_at IS NOT NULL
             AND ended.sequence_number =
                 (SELECT MIN(later.sequence_number)
                    FROM event AS later
                   WHERE later.stream = claimed.stream
                     AND later.sequence_number > claimed.sequence_number
                     AND later.type IN ('build-request-completed', 'build-request-released',
                                        'build-request-cancelled'));
