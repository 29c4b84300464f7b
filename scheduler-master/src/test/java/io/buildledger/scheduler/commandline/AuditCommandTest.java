package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.scheduler.serving.ServedLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AuditCommandTest {

    private static final Author B1 = new Author("b1", 4);
    private static final Author B2 = new Author("b2", 1);

    private static ServedLog served;

    @TempDir static Path directory;

    @BeforeAll
    static void begin() throws IOException {
        served = new ServedLog();
        long change = served.story.change("=ann", "abc", "Mend\u001b[2J it");
        served.story.fire(List.of(change), "abc", "linux/arm", "docs");
        Won lost = served.story.claim(B1, "linux/arm");
        served.story.start(B1, lost);
        served.test.claims.releaseAllOf(B2, B1, "master b1 was lost");
        served.story.build(B2, "linux/arm", Results.SUCCESS);
        Won cancelled = served.story.claim(B1, "docs");
        served.test.commands.cancel(B2, cancelled.claim().requestId(), "bob", "no need");
        served.project();
        Files.writeString(directory.resolve("password"), served.test.database.password());
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static Answer askMaster(String args) {
        return RunCommand.run((args + " --master " + served.url()).split(" "));
    }

    private static Answer askDatabase(String args) {
        return RunCommand.run(served.test.database, directory, args);
    }

    private static JsonNode json(Answer answer) {
        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
        return new JsonMapper().readTree(answer.out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request 1",
                "change 1",
                "build linux/arm/2",
                "scheduler main",
                "builder linux/arm",
                "master b1",
                "worker b2-worker",
                "user bob"
            })
    void a_master_and_the_database_tell_the_same_story(String subject) {
        Answer byMaster = askMaster("audit " + subject);

        assertThat(byMaster.err()).isEmpty();
        assertThat(byMaster.status()).isZero();
        assertThat(byMaster.out().lines().skip(1).findFirst().orElseThrow())
                .startsWith("RECORDED (UTC)")
                .endsWith("DETAILS");
        assertThat(byMaster.out().lines().count()).isGreaterThan(2);
        assertThat(askDatabase("audit " + subject)).isEqualTo(byMaster);
        assertThat(json(askDatabase("audit " + subject + " --json")))
                .isEqualTo(json(askMaster("audit " + subject + " --json")));
    }

    @Test
    void what_an_actor_and_a_cause_are_is_told_and_nobody_moves_the_cursor() {
        String out = askMaster("audit request 2").out();

        assertThat(out).contains(" b2#1  bob ", "build-request/2@2", "scheduler/main@1");
        assertThat(askMaster("audit change 1").out())
                .contains("Mend [2J it")
                .doesNotContain("\u001b");
    }

    @Test
    void of_a_long_story_it_is_told_how_to_get_the_rest() {
        Answer newest = askMaster("audit master b1 --limit 1");

        assertThat(newest.status()).isZero();
        assertThat(newest.out()).contains("docs/1").doesNotContain("linux/arm/1");
        assertThat(newest.err()).startsWith("there is more before that: --until 2");
        String until = newest.err().replaceAll("(?s).*--until (\\S+) .*", "$1");
        assertThat(askMaster("audit master b1 --until " + until).out())
                .contains("linux/arm/1")
                .doesNotContain("docs/1");
        assertThat(askMaster("audit master b1 --until 2020-01-01").out())
                .isEqualTo(
                        "master b1: 0 events\nRECORDED (UTC)  WHAT  ATTEMPT  BY  ACTOR  RESULT  EVENT  CAUSE  DETAILS\n");
        assertThat(askMaster("audit master b1 --since 1h").out()).contains("docs/1", "linux/arm/1");
    }

    @Test
    void the_claims_of_a_master_are_a_table_an_object_and_a_sheet() {
        Answer table = askDatabase("audit claims --by b1");
        assertThat(table.out().lines().toList())
                .hasSize(3)
                .anyMatch(line -> line.contains("linux/arm/1") && line.contains("released"))
                .anyMatch(line -> line.contains("docs/1") && line.endsWith("b2#1  bob"));
        JsonNode object = json(askDatabase("audit claims --by b1 --json"));
        assertThat(object.path("master").asString()).isEqualTo("b1");
        assertThat(object.path("claims")).hasSize(2);
        assertThat(object.path("claims").path(0).path("epoch").asLong()).isEqualTo(4);
        List<String> sheet = askDatabase("audit claims --by b1 --csv").out().lines().toList();
        assertThat(sheet).hasSize(3);
        assertThat(sheet.getFirst())
                .startsWith("requestId,builder,buildNumber,master,epoch,attempt");
        assertThat(sheet.getLast()).contains("docs,1,b1,4,1,b1-worker,f00d", "cancelled,CANCELLED");
        assertThat(askDatabase("audit claims --by nobody").out())
                .isEqualTo("nobody has made no claim in that time\n");
        assertThat(
                        json(askDatabase("audit claims --by b1 --since 2126-01-01 --json"))
                                .path("claims"))
                .isEmpty();
    }

    @Test
    void events_are_exported_to_the_output_or_to_a_file() throws IOException {
        long events = served.test.count("SELECT COUNT(*) FROM event");

        assertThat(askDatabase("audit export").out().lines()).hasSize((int) events);
        assertThat(askDatabase("audit export --format csv").out())
                .contains("\r\n1,change/1,0,change-received,1,", "'=ann");
        Path file = directory.resolve("events.jsonl");
        Answer written = askDatabase("audit export --since 1d --json --out " + file);
        assertThat(json(written).path("events").asLong()).isEqualTo(events);
        assertThat(Files.readAllLines(file)).hasSize((int) events);
        assertThat(Files.getPosixFilePermissions(file))
                .containsExactlyInAnyOrder(
                        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        Answer again = askDatabase("audit export --out " + file);
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).startsWith("--out: there is a file ");
        Answer nowhere = askDatabase("audit export --out " + directory + "/none/x");
        assertThat(nowhere.status()).isEqualTo(1);
        assertThat(nowhere.err()).contains("can't be written");
    }

    /** As behind a pipe to "head". */
    @Test
    void an_export_that_nobody_reads_any_more_ends() {
        for (int i = 0; i < 600; i++) {
            served.story.change("ann", "abc", "c");
        }
        assertThat(askWithAFullDisk("audit", "export"))
                .isEqualTo(
                        new Answer(
                                1,
                                "",
                                "the events can't be written to the end: nobody reads the output any more%n"
                                        .formatted()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--csv", "--json"})
    void an_answer_that_can_t_be_written_is_none(String form) {
        String[] command =
                Stream.of("audit", "claims", "--by", "b1", form)
                        .filter(it -> !it.isEmpty())
                        .toArray(String[]::new);

        assertThat(askWithAFullDisk(command))
                .isEqualTo(
                        new Answer(
                                1,
                                "",
                                "the answer can't be written to the end: see where it goes to%n"
                                        .formatted()));
    }

    private static Answer askWithAFullDisk(String... command) {
        Writer closed =
                new Writer() {
                    @Override
                    public void write(char[] text, int from, int length) throws IOException {
                        throw new IOException("closed");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        StringWriter err = new StringWriter();

        int status =
                ClientCommands.addTo(new CommandLine(new RunCommand.Root()))
                        .setOut(new PrintWriter(closed))
                        .setErr(new PrintWriter(err))
                        .execute(
                                Stream.concat(
                                                Stream.of(command),
                                                RunCommand.options(served.test.database, directory)
                                                        .stream())
                                        .toArray(String[]::new));

        return new Answer(status, "", err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "audit request x | 'x' is not a request: its number, such as 41",
                "audit build linux | 'linux' is not a build: BUILDER/NUMBER, such as linux/12",
                "audit lock x | there is no story of a 'lock': it is one of request, change, build",
                "audit master | say what to audit: audit request N",
                "audit master b1 --since yesterday | --since: 'yesterday' is no time: write it like",
                "audit master b1 --since 2026-10-02 --until 2026-10-01 | --until: ",
                "audit master b1 --limit 0 | --limit: 0 is not between 1 and 1000",
                "audit claims | Missing required option",
                "audit export --format xml | --format: 'xml' is none: it is one of csv, jsonl",
                "audit export --json | --json: tells what --out wrote",
                "audit claims --by b1 --csv --json | --csv, --json: it is one of them"
            })
    void wrong_use_is_status_2_and_says_what_is_right(String args, String message) {
        Answer answer = askDatabase(args);

        assertThat(answer.err()).contains(message);
        assertThat(answer.status()).isEqualTo(2);
    }

    @Test
    void a_database_that_is_not_there_is_status_1_and_one_line() {
        List<String> args =
                List.of(
                        "audit",
                        "request",
                        "1",
                        "--db-url",
                        "jdbc:mysql://127.0.0.1:1/x",
                        "--user",
                        "u",
                        "--password-file",
                        directory.resolve("password").toString());

        Answer answer = RunCommand.run(args.toArray(String[]::new));

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err().lines())
                .singleElement()
                .asString()
                .startsWith("db_url: can't connect");
        assertThat(askDatabase("audit request 99").err())
                .isEqualTo("there is no request 99 in the log\n");
        assertThat(askMaster("audit request 99").err())
                .isEqualTo("there is no request 99 in the log\n");
    }

    /** What changes something says who asks: this list is of those that don't. */
    @Test
    void every_command_that_changes_something_says_who_asks_for_it() {
        Set<String> silent = new TreeSet<>();
        collectSilent("", ClientCommands.addTo(new CommandLine(new RunCommand.Root())), silent);

        assertThat(silent)
                .containsExactlyInAnyOrder(
                        // It changes where events are kept, and none of them.
                        "archive",
                        "artifacts",
                        "audit",
                        "audit claims",
                        "audit export",
                        "builders",
                        "builds",
                        "bundle",
                        "changes",
                        "checkpoint",
                        "explain change",
                        "explain request",
                        "locks",
                        "log",
                        "masters",
                        // Like "token new", it changes a file beside the configuration, and not the
                        // log.
                        "password",
                        "replay",
                        "requests",
                        "schedulers",
                        // A hook takes changes from whoever has its password.
                        "sendchange",
                        "state",
                        "token list",
                        "token new",
                        "token revoke",
                        "verify",
                        "what-if",
                        "workers");
    }

    private static void collectSilent(String path, CommandLine command, Set<String> silent) {
        command.getSubcommands()
                .forEach((name, sub) -> {
                    Object object = sub.getCommand();
                    // What only holds others together is Runnable.
                    if (!(object instanceof ActingCommand || object instanceof Runnable)) {
                        silent.add(path + name);
                    }
                    collectSilent(path + name + " ", sub, silent);
                });
    }
}
