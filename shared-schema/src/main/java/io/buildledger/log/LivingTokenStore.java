package io.buildledger.log;

import java.time.Duration;
import javax.sql.DataSource;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Positions of followers that only a living master takes and moves. Axon's own store gives a
 * position that was freed to whoever stores one next: to a process, too, that was suspended when
 * its life ended and goes on where it was.
 *
 * <p>Whoever stores a position keeps its own row in the registry of masters as it is until the
 * transaction has ended: for so long its lease is not renewed, nor its life declared over.
 */
final class LivingTokenStore extends JdbcTokenStore {

    /**
     * Long enough never to matter: a token is freed when its owner stopped or was declared lost,
     * and only then.
     */
    private static final Duration CLAIM_TIMEOUT = Duration.ofDays(36_500);

    private final JdbcClient jdbc;
    private final Author owner;

    private LivingTokenStore(Builder builder, JdbcClient jdbc, Author owner) {
        super(builder);
        this.jdbc = jdbc;
        this.owner = owner;
    }

    /** What it writes is part of the transaction that runs. */
    static LivingTokenStore of(DataSource dataSource, Author owner) {
        return new LivingTokenStore(
                JdbcTokenStore.builder()
                        .connectionProvider(new SpringDataSourceConnectionProvider(dataSource))
                        .serializer(new EventJson())
                        .schema(
                                TokenSchema.builder()
                                        .setTokenTable("token")
                                        .setProcessorNameColumn("processor_name")
                                        .setTokenColumn("token")
                                        .setTokenTypeColumn("token_type")
                                        .build())
                        .contentType(String.class)
                        .claimTimeout(CLAIM_TIMEOUT)
                        .nodeId(owner.owner()),
                JdbcClient.create(dataSource),
                owner);
    }

    @Override
    public void storeToken(@Nullable TrackingToken token, String processorName, int segment) {
        requireLife();
        super.storeToken(token, processorName, segment);
    }

    @Override
    public TrackingToken fetchToken(String processorName, int segment) {
        requireLife();
        return super.fetchToken(processorName, segment);
    }

    @Override
    public TrackingToken fetchToken(String processorName, Segment segment) {
        requireLife();
        return super.fetchToken(processorName, segment);
    }

    private void requireLife() {
        if (OwnLife.isOver(jdbc, owner)) {
            throw new UnableToClaimTokenException("the life of " + owner.owner() + " is over");
        }
    }
}
