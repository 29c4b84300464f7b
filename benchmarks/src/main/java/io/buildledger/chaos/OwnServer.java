package io.buildledger.chaos;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.benchmarks.RunFailedException;
import io.buildledger.database.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A server that somebody has, or a group of them with one primary, and the commands that kill and
 * start one. Without the commands it is not killed.
 */
final class OwnServer implements DatabaseServer {

    private static final Duration REJOINED_WITHIN = Duration.ofMinutes(3);

    private static final String PRIMARY =
            """
            SELECT member_host, member_port FROM performance_schema.replication_group_members
             WHERE member_role = 'PRIMARY' AND member_state = 'ONLINE'
            """;

    private static final String ONLINE =
            "SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE member_state ="
                    + " 'ONLINE'";

    private record Member(String host, int port) {}

    private final Database administration;
    private final List<ServerAddress> addresses;
    private final @Nullable String killCommand;
    private final @Nullable String startCommand;
    private int killed;

    /**
     * @param killCommand by {@code sh}; {@code {primary}} in it is the place of the primary in the
     *     URL, from 1
     * @param startCommand likewise, of the server that was killed
     */
    OwnServer(
            Database administration, @Nullable String killCommand, @Nullable String startCommand) {
        this.administration = administration;
        this.addresses = ServerAddress.of(administration.url());
        this.killCommand = killCommand;
        this.startCommand = startCommand;
    }

    @Override
    public Database administration() {
        return administration;
    }

    @Override
    public boolean canBeKilled() {
        return killCommand != null && startCommand != null;
    }

    @Override
    public String kill() throws InterruptedException {
        killed = primary();
        command(killCommand);
        if (addresses.size() > 1) {
            // Until the others have elected another.
            Answering.await(administration);
        }
        return addresses.size() == 1
                ? addresses.getFirst().toString()
                : "the primary, " + addresses.get(killed - 1);
    }

    @Override
    public void start() throws InterruptedException {
        command(startCommand);
        Answering.await(administration);
        if (addresses.size() > 1) {
            awaitAllOnline();
        }
    }

    private void command(@Nullable String command) throws InterruptedException {
        if (command == null) {
            throw new IllegalStateException("there is no command for it");
        }
        Shell.run("sh", "-c", command.replace("{primary}", Integer.toString(killed)));
    }

    private int primary() {
        if (addresses.size() == 1) {
            return 1;
        }
        try (HikariDataSource pool = administration.pool("chaos-group", 1)) {
            Member primary =
                    JdbcClient.create(pool)
                            .sql(PRIMARY)
                            .query((row, _) ->
                                    new Member(
                                            row.getString("member_host"),
                                            row.getInt("member_port")))
                            .single();
            return placeOf(primary);
        }
    }

    /** Members know each other by names that need not be those of the URL. */
    private int placeOf(Member member) {
        List<Integer> places = new ArrayList<>();
        boolean portsTell =
                Set.copyOf(addresses.stream().map(ServerAddress::port).toList()).size()
                        == addresses.size();
        for (int i = 0; i < addresses.size(); i++) {
            ServerAddress address = addresses.get(i);
            if (address.port() == member.port()
                    && (portsTell || address.host().equals(member.host()))) {
                places.add(i + 1);
            }
        }
        if (places.size() != 1) {
            throw new RunFailedException(
                    "the primary, %s:%d, is none of %s"
                            .formatted(member.host(), member.port(), addresses));
        }
        return places.getFirst();
    }

    private void awaitAllOnline() throws InterruptedException {
        long deadline = System.nanoTime() + REJOINED_WITHIN.toNanos();
        try (HikariDataSource pool = administration.pool("chaos-group", 1)) {
            JdbcClient jdbc = JdbcClient.create(pool);
            while (jdbc.sql(ONLINE).query(Integer.class).single() < addresses.size()) {
                if (System.nanoTime() > deadline) {
                    throw new RunFailedException(
                            "%s has not come back into its group"
                                    .formatted(addresses.get(killed - 1)));
                }
                Thread.sleep(500);
            }
        }
    }
}
