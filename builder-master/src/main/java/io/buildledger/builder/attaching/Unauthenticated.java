package io.buildledger.builder.attaching;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The connections that have not authenticated. When there are too many the oldest is closed, so
 * that a flood of silent ones does not lock out a worker, which needs a moment only.
 */
final class Unauthenticated {

    private final int limit;
    private final Set<Channel> channels = new LinkedHashSet<>();

    Unauthenticated(int limit) {
        this.limit = limit;
    }

    void add(Channel channel) {
        Channel oldest = null;
        synchronized (this) {
            channels.add(channel);
            if (channels.size() > limit) {
                oldest = channels.iterator().next();
                channels.remove(oldest);
            }
        }
        if (oldest != null) {
            ChannelFuture _ = oldest.close();
        }
    }

    /**
     * @return whether it was one of them
     */
    synchronized boolean remove(Channel channel) {
        return channels.remove(channel);
    }
}
