package io.buildledger.log;

import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Positions of followers that only a living master takes and moves. Axon's own store gives a
 * position that was freed to whoever stores one next: to a process, too, that was suspended when
 * its life ended and goes on where it was.
 */
final class LivingTokenStore extends JdbcTokenStore {

    private final JdbcClient jdbc;
    private final Author owner;

    /**
     * @param jdbc of the connections that the store works with
     * @param owner the node that the store works for
     */
    LivingTokenStore(Builder builder, JdbcClient jdbc, Author owner) {
        super(builder);
        this.jdbc = jdbc;
        this.owner = owner;
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
