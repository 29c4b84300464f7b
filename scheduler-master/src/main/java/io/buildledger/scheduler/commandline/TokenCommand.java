package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.Access.Act;
import io.buildledger.scheduler.admitting.TokensFile;
import io.buildledger.scheduler.admitting.TokensFile.Token;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        description =
                "Make, list or revoke what programs show a master in the place of a password.",
        subcommands = {
            TokenCommand.New.class,
            TokenCommand.Listing.class,
            TokenCommand.Revoke.class
        })
final class TokenCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to do: token new NAME, token list, or token revoke NAME");
    }

    /** Something that is done with the file of tokens. */
    abstract static class OfFile extends LocalCommand {

        @Option(
                names = "--config",
                paramLabel = "FILE",
                required = true,
                description = "the cluster's file, which names the file of tokens")
        private Path config = Path.of("");

        final Path tokens() {
            return AccessFile.tokens(config);
        }
    }

    @Command(
            name = "new",
            description = {
                "Make a token and print it, this once; the file of tokens gets its hash.",
                "Who shows it may what it is for, as far as its user may it."
            })
    static final class New extends OfFile {

        @Parameters(paramLabel = "NAME", description = "what to call it, such as nightly-deploy")
        private String name = "";

        @Option(
                names = "--user",
                paramLabel = "NAME",
                required = true,
                description = "in whose name it acts, and has acted in the log")
        private String user = "";

        @Option(
                names = "--may",
                paramLabel = "WORDS",
                required = true,
                description = "what it is for, as roles say it, such as view,force")
        private String may = "";

        @Option(
                names = "--expires",
                paramLabel = "TIME",
                required = true,
                description =
                        "when it ends: in so long a time, as 90d or 12h; or at a time, as 2027-01-31T00:00:00Z, or '2027-01-31 08:00' or 2027-01-31 in this machine's zone")
        private String expires = "";

        @Override
        boolean run() {
            Path file = tokens();
            Set<Act> acts = acts();
            Instant end = end();
            String token;
            try {
                token = TokensFile.make(file, name, user, acts, end);
            } catch (IllegalArgumentException e) {
                throw misuse(String.valueOf(e.getMessage()));
            }
            if (json()) {
                printAsJson(
                        Map.of(
                                "name", name,
                                "user", user,
                                "may", List.of(may.strip().split("\\s*,\\s*", -1)),
                                "expires", end,
                                "token", token));
            } else {
                out().println(token);
                out().flush();
                warn(
                        "it is told this once, and ends at %s: keep it in a file that only its program reads"
                                .formatted(end));
            }
            return true;
        }

        private Set<Act> acts() {
            try {
                return TokensFile.acts(may);
            } catch (IllegalArgumentException e) {
                throw misuse("--may: " + e.getMessage());
            }
        }

        private Instant end() {
            try {
                return GivenTime.here()
                        .readAhead("--expires", expires)
                        .truncatedTo(ChronoUnit.SECONDS);
            } catch (IllegalArgumentException e) {
                throw misuse(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(name = "list", description = "Show which tokens there are, also those that are over.")
    static final class Listing extends OfFile {

        /** A token as it is printed, without its hash. */
        private record Shown(
                String name, String user, List<String> may, Instant expires, boolean expired) {

            static Shown of(Token token, Instant now) {
                return new Shown(
                        token.name(),
                        token.user(),
                        List.of(token.words().split(",", -1)),
                        token.expires(),
                        !now.isBefore(token.expires()));
            }
        }

        @Override
        boolean run() {
            Instant now = Instant.now();
            List<Shown> tokens =
                    TokensFile.read(tokens()).all().stream()
                            .map(token -> Shown.of(token, now))
                            .toList();
            if (json()) {
                printAsJson(Map.of("tokens", tokens));
            } else if (tokens.isEmpty()) {
                out().println("there is no token: 'token new' makes one");
            } else {
                show(tokens, new ShortTime(now, ZoneId.systemDefault()));
            }
            return true;
        }

        private void show(List<Shown> tokens, ShortTime time) {
            Table table = new Table(2, "TOKEN", "USER", "MAY", "EXPIRES", "");
            for (Shown token : tokens) {
                table.row(
                        token.name(),
                        token.user(),
                        String.join(",", token.may()),
                        time.of(token.expires()),
                        token.expired() ? "expired" : "");
            }
            table.lines(Terminal.columns()).forEach(out()::println);
        }
    }

    @Command(
            name = "revoke",
            description = "Take a token back; masters refuse it from the next request on.")
    static final class Revoke extends OfFile {

        @Parameters(paramLabel = "NAME", description = "what it is called")
        private String name = "";

        @Override
        boolean run() {
            Path file = tokens();
            if (!TokensFile.revoke(file, name)) {
                throw new NoAnswerException(
                        "%s has no token %s: 'token list' shows those that there are"
                                .formatted(file, name));
            }
            if (json()) {
                printAsJson(Map.of("revoked", name));
            } else {
                out().println("%s is revoked".formatted(name));
            }
            return true;
        }
    }
}
