package io.buildledger.benchmarks;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The rows that Buildbot 4 would keep of the changes, requests and builds that the views show, in
 * tables with its columns and keys. They are made from the views, so that both are of the same
 * builds, with the same names and texts. Of what Buildbot sets on each build by itself there are
 * the properties; logs are left out, as they are on the other side.
 */
final class BuildbotRows {

    /** What the tables are called before Buildbot's own names. */
    static final String PREFIX = "buildbot_";

    private static final List<String> TABLES =
            List.of(
                    """
                    CREATE TABLE buildbot_sourcestamps (
                        id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, ss_hash VARCHAR(40) NOT NULL,
                        branch VARCHAR(255), revision VARCHAR(255), patchid INT, repository VARCHAR(512) NOT NULL,
                        codebase VARCHAR(256) NOT NULL, project VARCHAR(512) NOT NULL, created_at INT NOT NULL,
                        UNIQUE KEY (ss_hash), KEY (patchid))
                    """,
                    """
                    CREATE TABLE buildbot_changes (
                        changeid INT NOT NULL PRIMARY KEY, author VARCHAR(255) NOT NULL, committer VARCHAR(255),
                        comments TEXT NOT NULL, branch VARCHAR(255), revision VARCHAR(255), revlink VARCHAR(256),
                        when_timestamp INT NOT NULL, category VARCHAR(255), repository VARCHAR(512) NOT NULL,
                        codebase VARCHAR(256) NOT NULL, project VARCHAR(512) NOT NULL, sourcestampid INT,
                        parent_changeids INT,
                        KEY (branch), KEY (revision), KEY (author), KEY (category), KEY (when_timestamp),
                        KEY (sourcestampid), KEY (parent_changeids))
                    """,
                    """
                    CREATE TABLE buildbot_change_files (
                        changeid INT NOT NULL, filename VARCHAR(1024) NOT NULL, KEY (changeid))
                    """,
                    """
                    CREATE TABLE buildbot_buildsets (
                        id INT NOT NULL PRIMARY KEY, external_idstring VARCHAR(256), reason VARCHAR(256),
                        submitted_at INT NOT NULL, complete SMALLINT NOT NULL, complete_at INT, results SMALLINT,
                        parent_buildid INT, parent_relationship TEXT, rebuilt_buildid INT,
                        KEY (complete), KEY (submitted_at), KEY (parent_buildid), KEY (rebuilt_buildid))
                    """,
                    """
                    CREATE TABLE buildbot_buildset_properties (
                        buildsetid INT NOT NULL, property_name VARCHAR(256) NOT NULL, property_value TEXT NOT NULL,
                        KEY (buildsetid))
                    """,
                    """
                    CREATE TABLE buildbot_buildset_sourcestamps (
                        id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, buildsetid INT NOT NULL, sourcestampid INT NOT NULL,
                        KEY (buildsetid), UNIQUE KEY (buildsetid, sourcestampid), KEY (sourcestampid))
                    """,
                    """
                    CREATE TABLE buildbot_buildrequests (
                        id INT NOT NULL PRIMARY KEY, buildsetid INT NOT NULL, builderid INT NOT NULL,
                        priority INT NOT NULL, complete INT, results SMALLINT, submitted_at INT NOT NULL,
                        complete_at INT, waited_for SMALLINT,
                        KEY (buildsetid), KEY (builderid), KEY (complete))
                    """,
                    """
                    CREATE TABLE buildbot_buildrequest_claims (
                        brid INT NOT NULL, masterid INT, claimed_at INT NOT NULL, UNIQUE KEY (brid), KEY (masterid))
                    """,
                    """
                    CREATE TABLE buildbot_builds (
                        id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, number INT NOT NULL, builderid INT,
                        buildrequestid INT NOT NULL, workerid INT, masterid INT, started_at INT NOT NULL,
                        complete_at INT, locks_duration_s INT NOT NULL, state_string TEXT NOT NULL, results INT,
                        KEY (buildrequestid), UNIQUE KEY (builderid, number), KEY (workerid), KEY (masterid))
                    """,
                    """
                    CREATE TABLE buildbot_build_properties (
                        buildid INT NOT NULL, name VARCHAR(256) NOT NULL, value TEXT NOT NULL,
                        source VARCHAR(256) NOT NULL, KEY (buildid))
                    """,
                    """
                    CREATE TABLE buildbot_steps (
                        id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, number INT NOT NULL, name VARCHAR(50) NOT NULL,
                        buildid INT, started_at INT, locks_acquired_at INT, complete_at INT,
                        state_string TEXT NOT NULL, results INT, urls_json TEXT NOT NULL, hidden SMALLINT NOT NULL,
                        UNIQUE KEY (buildid, number), UNIQUE KEY (buildid, name), KEY (started_at))
                    """);

    private static final List<String> ROWS =
            List.of(
                    """
                    INSERT INTO buildbot_sourcestamps (ss_hash, branch, revision, repository, codebase, project, created_at)
                    SELECT SHA1(CONCAT_WS('/', branch, revision, repository, project)), branch, revision, repository, '',
                           project, UNIX_TIMESTAMP(MIN(received_at))
                      FROM change_view
                     GROUP BY branch, revision, repository, project
                     ORDER BY MIN(change_id)
                    """,
                    """
                    INSERT INTO buildbot_changes (changeid, author, committer, comments, branch, revision, revlink,
                           when_timestamp, repository, codebase, project, sourcestampid, parent_changeids)
                    SELECT change_id, author, author, comments, branch, revision, revlink, UNIX_TIMESTAMP(received_at),
                           repository, '', project, change_id, IF(change_id > 1, change_id - 1, NULL)
                      FROM change_view
                     ORDER BY change_id
                    """,
                    """
                    INSERT INTO buildbot_change_files (changeid, filename)
                    SELECT CAST(JSON_UNQUOTE(JSON_EXTRACT(event.payload, '$.changeId')) AS SIGNED), listed.name
                      FROM event
                           JOIN JSON_TABLE(event.payload, '$.files[*]' COLUMNS (name VARCHAR(1024) PATH '$')) AS listed
                     WHERE event.type = 'change-received'
                     ORDER BY event.global_index
                    """,
                    """
                    INSERT INTO buildbot_buildsets (id, reason, submitted_at, complete, complete_at, results)
                    SELECT buildset_id, CONCAT('The scheduler named ', scheduler, ' triggered this build'),
                           UNIX_TIMESTAMP(submitted_at), completed_at IS NOT NULL, UNIX_TIMESTAMP(completed_at), 0
                      FROM buildset_view
                     ORDER BY buildset_id
                    """,
                    """
                    INSERT INTO buildbot_buildset_properties (buildsetid, property_name, property_value)
                    SELECT buildset_id, 'scheduler', CONCAT('["', scheduler, '", "Scheduler"]')
                      FROM buildset_view
                     ORDER BY buildset_id
                    """,
                    """
                    INSERT INTO buildbot_buildset_sourcestamps (buildsetid, sourcestampid)
                    SELECT buildset_id, buildset_id
                      FROM buildset_view
                     ORDER BY buildset_id
                    """,
                    """
                    INSERT INTO buildbot_buildrequests (id, buildsetid, builderid, priority, complete, results, submitted_at,
                           complete_at, waited_for)
                    SELECT request_id, buildset_id, CRC32(builder) % 100000, priority, completed_at IS NOT NULL, 0,
                           UNIX_TIMESTAMP(submitted_at), UNIX_TIMESTAMP(completed_at), 0
                      FROM request_view
                     ORDER BY request_id
                    """,
                    """
                    INSERT INTO buildbot_buildrequest_claims (brid, masterid, claimed_at)
                    SELECT request_id, CRC32(MAX(master)) % 1000, UNIX_TIMESTAMP(MAX(claimed_at))
                      FROM build_view
                     GROUP BY request_id
                     ORDER BY request_id
                    """,
                    """
                    INSERT INTO buildbot_builds (number, builderid, buildrequestid, workerid, masterid, started_at,
                           complete_at, locks_duration_s, state_string, results)
                    SELECT build_number, CRC32(builder) % 100000, request_id, CRC32(worker) % 100000,
                           CRC32(master) % 1000, UNIX_TIMESTAMP(claimed_at), UNIX_TIMESTAMP(finished_at), 0,
                           COALESCE(summary, 'building'), 0
                      FROM build_view
                     ORDER BY claimed_at
                    """,
                    """
                    INSERT INTO buildbot_build_properties (buildid, name, value, source)
                    SELECT buildbot_builds.id, property.name,
                           CASE property.name
                               WHEN 'buildername' THEN JSON_QUOTE(build_view.builder)
                               WHEN 'builddir' THEN JSON_QUOTE(CONCAT('/home/worker/work/', build_view.builder))
                               WHEN 'basedir' THEN '"/home/worker/work"'
                               WHEN 'workername' THEN JSON_QUOTE(build_view.worker)
                               WHEN 'buildnumber' THEN build_view.build_number
                               WHEN 'branch' THEN JSON_QUOTE(buildset_view.branch)
                               WHEN 'repository' THEN JSON_QUOTE(buildset_view.repository)
                               WHEN 'scheduler' THEN JSON_QUOTE(buildset_view.scheduler)
                               WHEN 'owners' THEN '["ann <ann@example.org>"]'
                               WHEN 'project' THEN '"engine"'
                               WHEN 'codebase' THEN '""'
                               ELSE JSON_QUOTE(buildset_view.revision)
                           END,
                           property.source
                      FROM buildbot_builds
                           JOIN build_view ON build_view.request_id = buildbot_builds.buildrequestid
                            AND build_view.build_number = buildbot_builds.number
                           JOIN request_view ON request_view.request_id = build_view.request_id
                           JOIN buildset_view ON buildset_view.buildset_id = request_view.buildset_id
                           JOIN (SELECT 'buildername' AS name, 'Builder' AS source
                                 UNION ALL SELECT 'builddir', 'Worker' UNION ALL SELECT 'basedir', 'Worker'
                                 UNION ALL SELECT 'workername', 'Worker' UNION ALL SELECT 'buildnumber', 'Build'
                                 UNION ALL SELECT 'branch', 'Build' UNION ALL SELECT 'repository', 'Build'
                                 UNION ALL SELECT 'scheduler', 'Scheduler' UNION ALL SELECT 'owners', 'Build'
                                 UNION ALL SELECT 'project', 'Build' UNION ALL SELECT 'codebase', 'Build'
                                 UNION ALL SELECT 'revision', 'Build'
                                 UNION ALL SELECT 'got_revision', 'Source') AS property
                     WHERE buildbot_builds.id > :after AND buildbot_builds.id <= :last
                     ORDER BY buildbot_builds.id
                    """,
                    """
                    INSERT INTO buildbot_steps (number, name, buildid, started_at, locks_acquired_at, complete_at,
                           state_string, results, urls_json, hidden)
                    SELECT JSON_EXTRACT(started.payload, '$.step'),
                           JSON_UNQUOTE(JSON_EXTRACT(started.payload, '$.name')), buildbot_builds.id,
                           UNIX_TIMESTAMP(started.recorded_at), UNIX_TIMESTAMP(started.recorded_at),
                           UNIX_TIMESTAMP(finished.recorded_at),
                           COALESCE(JSON_UNQUOTE(JSON_EXTRACT(finished.payload, '$.summary')), 'running'), 0, '[]',
                           JSON_EXTRACT(finished.payload, '$.hidden') IS NOT NULL
                      FROM buildbot_builds
                           JOIN build_view ON build_view.request_id = buildbot_builds.buildrequestid
                            AND build_view.build_number = buildbot_builds.number
                           JOIN event AS started
                             ON started.stream = CONCAT(_utf8mb4'build/', build_view.builder, '/',
                                                        build_view.build_number) COLLATE utf8mb4_bin
                            AND started.type = 'step-started'
                           LEFT JOIN event AS finished
                             ON finished.stream = started.stream AND finished.type = 'step-finished'
                            AND JSON_EXTRACT(finished.payload, '$.step') = JSON_EXTRACT(started.payload, '$.step')
                     WHERE buildbot_builds.id > :after AND buildbot_builds.id <= :last
                     ORDER BY started.recorded_at
                    """);

    private static final String BUILDS = "SELECT COALESCE(MAX(id), 0) FROM buildbot_builds";

    /** No statement shall take longer than a connection waits for one. */
    private static final long BUILDS_AT_ONCE = 20_000;

    private BuildbotRows() {}

    /** Makes the tables and fills them. */
    static void write(JdbcClient jdbc) {
        TABLES.forEach(sql -> jdbc.sql(sql).update());
        for (String sql : ROWS) {
            if (sql.contains(":after")) {
                long builds = jdbc.sql(BUILDS).query(Long.class).single();
                for (long after = 0; after < builds; after += BUILDS_AT_ONCE) {
                    jdbc.sql(sql)
                            .param("after", after)
                            .param("last", after + BUILDS_AT_ONCE)
                            .update();
                }
            } else {
                jdbc.sql(sql).update();
            }
        }
    }
}
