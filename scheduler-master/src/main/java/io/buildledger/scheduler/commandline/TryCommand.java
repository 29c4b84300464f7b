package io.buildledger.scheduler.commandline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends what a developer has changed to a scheduler of type try. */
@Command(
        name = "try",
        description = {
            "Have a patch built that is not committed yet, by way of a scheduler of type try.",
            "Without --diff it is what the git repository here has beyond --revision."
        })
final class TryCommand extends ActingCommand {

    @Parameters(paramLabel = "SCHEDULER", description = "name of the scheduler")
    private String scheduler = "";

    @Option(
            names = "--diff",
            paramLabel = "FILE",
            description = "the patch, as git diff prints it; - for standard input")
    private @Nullable String diff;

    @Option(
            names = {"-r", "--revision"},
            paramLabel = "REV",
            description =
                    "what the patch applies to (where the branch left its upstream, else HEAD)")
    private @Nullable String revision;

    @Option(
            names = "--branch",
            paramLabel = "NAME",
            description = "the branch on which the revision is")
    private @Nullable String branch;

    @Option(names = "--codebase", paramLabel = "NAME", description = "the codebase")
    private String codebase = "";

    @Option(
            names = "--level",
            paramLabel = "N",
            defaultValue = "1",
            description = "leading directories to strip, as patch -p (${DEFAULT-VALUE})")
    private int level;

    @Option(
            names = {"-b", "--builder"},
            paramLabel = "NAME",
            description = "one of its builders; repeatable (all of them)")
    private List<String> builders = List.of();

    @Option(
            names = {"-p", "--property"},
            paramLabel = "NAME=VALUE",
            description = "a property; repeatable")
    private Map<String, String> properties = Map.of();

    @Option(
            names = {"-c", "--comment"},
            paramLabel = "TEXT",
            description = "why")
    private String comment = "";

    @Override
    void run(Master master) {
        String base = revision == null && diff == null ? base() : revision;
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("requestedBy", user());
        body.put("comment", comment);
        body.put("codebase", codebase);
        body.put("level", level);
        body.put("patch", patch(base));
        body.put("properties", properties);
        body.put("builder_names", builders);
        if (branch != null) {
            body.put("branch", branch);
        }
        if (base != null) {
            body.put("revision", base);
        }
        AskedBuilds.show(
                this,
                master.postJson(
                        "/api/schedulers/%s/try".formatted(Master.segment(scheduler)), body));
    }

    private String patch(@Nullable String base) {
        try {
            if (diff == null) {
                return git("diff", "--binary", base == null ? "HEAD" : base);
            }
            return diff.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(diff));
        } catch (IOException e) {
            throw misuse("--diff: can't read the patch: " + e.getMessage());
        }
    }

    private String base() {
        try {
            return git("merge-base", "HEAD", "@{upstream}").strip();
        } catch (NoAnswerException e) {
            return git("rev-parse", "HEAD").strip();
        }
    }

    private static String git(String... words) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new NoAnswerException(
                        "'%s' fails here: run this in a git repository, or give --diff and --revision"
                                .formatted(String.join(" ", command)));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("can't run git: install it (apt-get install git)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswerException("interrupted");
        }
    }
}
