package io.buildledger.scheduler.commandline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Sends a change under Buildbot's names, to the address that Buildbot's base hook has. */
@Command(name = "sendchange", description = "Send a change.")
final class SendChangeCommand extends ClientCommand {

    @Option(
            names = {"-W", "--author"},
            paramLabel = "NAME",
            required = true,
            description = "who made it")
    private String author = "";

    @Option(
            names = {"-c", "--comments"},
            paramLabel = "TEXT",
            description = "the commit's message")
    private String comments = "";

    @Option(
            names = {"-r", "--revision"},
            paramLabel = "REV",
            description = "the revision")
    private @Nullable String revision;

    @Option(
            names = {"-b", "--branch"},
            paramLabel = "NAME",
            description = "the branch")
    private @Nullable String branch;

    @Option(
            names = {"-R", "--repository"},
            paramLabel = "URL",
            description = "where it is")
    private @Nullable String repository;

    @Option(
            names = {"-P", "--project"},
            paramLabel = "NAME",
            description = "the project")
    private @Nullable String project;

    @Option(
            names = {"-C", "--category"},
            paramLabel = "NAME",
            description = "the category")
    private @Nullable String category;

    @Option(names = "--codebase", paramLabel = "NAME", description = "the codebase")
    private @Nullable String codebase;

    @Option(
            names = {"-l", "--revlink"},
            paramLabel = "URL",
            description = "a page that shows it")
    private @Nullable String revlink;

    @Option(
            names = {"-w", "--when"},
            paramLabel = "SECONDS",
            description = "when it was made, since 1970")
    private @Nullable Long when;

    @Option(
            names = "--file",
            paramLabel = "PATH",
            description = "a file that it touches; repeatable")
    private List<String> files = List.of();

    @Option(
            names = {"-p", "--property"},
            paramLabel = "NAME=VALUE",
            description = "a property; repeatable")
    private Map<String, String> properties = Map.of();

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "the user of change_hooks.base, if it has one")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "the file that holds the user's password")
    private @Nullable Path passwordFile;

    /** Hooks have users and passwords of their own. */
    @Override
    boolean showsToken() {
        return false;
    }

    @Override
    void run(Master anybody) {
        Master master = user == null ? anybody : anybody.as(user, password());
        Map<String, @Nullable Object> form = new LinkedHashMap<>();
        form.put("author", author);
        form.put("comments", comments);
        form.put("revision", revision);
        form.put("branch", branch);
        form.put("repository", repository);
        form.put("project", project);
        form.put("category", category);
        form.put("codebase", codebase);
        form.put("revlink", revlink);
        form.put("when", when);
        form.put("files", Master.JSON.writeValueAsString(files));
        form.put("properties", Master.JSON.writeValueAsString(properties));
        JsonNode answer = master.post("/change_hook/base", form);
        if (json()) {
            print(answer);
        } else {
            out().println(
                            "change "
                                    + Cell.text(answer, "changeId")
                                    + (answer.path("known").isEmpty()
                                            ? ""
                                            : ", which was taken before"));
        }
    }

    private String password() {
        if (passwordFile == null) {
            throw misuse("--user: its password is missing: name its file with --password-file");
        }
        try {
            return Files.readString(passwordFile).strip();
        } catch (IOException e) {
            throw misuse("--password-file: %s can't be read".formatted(passwordFile));
        }
    }
}
