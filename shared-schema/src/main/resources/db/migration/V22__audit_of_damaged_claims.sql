-- The claims of a master's own worker by time: other masters may have one of the same name, with any number of claims.
-- The key of the worker alone serves those that are attached, and stays.
ALTER TABLE build_view
    ADD KEY build_view_local_worker (worker, master, claimed_at);

-- As in V19, but that an event which somebody has damaged takes no other claim away: MySQL refuses a statement that asks
-- for a part of what is no JSON. Of a damaged claim the columns that are read from it are NULL. "attempt" is compared
-- within the CASE, for a database may judge the conditions of a join in any order.
CREATE OR REPLACE VIEW audit_claims AS
SELECT build_view.request_id,
       build_view.builder,
       build_view.build_number,
       build_view.master,
       build_view.epoch,
       build_view.attempt,
       build_view.worker,
       CASE WHEN JSON_VALID(claimed.payload) THEN JSON_UNQUOTE(JSON_EXTRACT(claimed.payload, '$.fingerprint'))
       END AS fingerprint,
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
       CASE WHEN JSON_VALID(ended.metadata) THEN JSON_UNQUOTE(JSON_EXTRACT(ended.metadata, '$.master'))
       END AS ended_by_master,
       CASE WHEN JSON_VALID(ended.metadata) THEN CAST(JSON_EXTRACT(ended.metadata, '$.epoch') AS SIGNED)
       END AS ended_by_epoch,
       CASE WHEN NOT JSON_VALID(ended.payload) THEN NULL ELSE CASE ended.type
           WHEN 'build-request-released' THEN JSON_UNQUOTE(JSON_EXTRACT(ended.payload, '$.requestedBy'))
           WHEN 'build-request-cancelled' THEN JSON_UNQUOTE(JSON_EXTRACT(ended.payload, '$.cancelledBy'))
       END END AS ended_by_actor,
       CONCAT(claimed.stream, '@', claimed.sequence_number) AS claim_event,
       CONCAT(ended.stream, '@', ended.sequence_number) AS end_event
  FROM build_view
       LEFT JOIN event AS claimed
              ON claimed.stream = CONCAT(_utf8mb4'build-request/', build_view.request_id) COLLATE utf8mb4_bin
             AND claimed.type = 'build-request-claimed'
             AND CASE WHEN JSON_VALID(claimed.payload)
                      THEN CAST(JSON_EXTRACT(claimed.payload, '$.attempt') AS SIGNED)
                 END = build_view.attempt
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

INSERT INTO schema_compatibility (version, oldest) VALUES (22, 6);
