package io.buildledger.scheduler.admitting;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Who has tried in vain to log in. After {@value #MOST_OF_NAME} passwords for one name from one
 * address, or {@value #MOST_OF_ADDRESS} from one address whatever the names, none from there is
 * looked at for a while. A name alone locks nobody out, as anybody knows it. Each master counts by
 * itself, and forgets when it ends.
 */
public final class LoginAttempts {

    /** For how long none is looked at, from the last one on that was. */
    public static final Duration WHILE = Duration.ofMinutes(15);

    static final int MOST_OF_NAME = 10;
    static final int MOST_OF_ADDRESS = 100;

    /** More than that, and those that are longest ago are forgotten. */
    private static final int MOST_KNOWN = 100_000;

    private static final int BYTES_OF_IP6_NETWORK = 8;

    private record From(String network, String name) {}

    private final Cache<From, Integer> ofName;
    private final Cache<String, Integer> ofAddress;

    public LoginAttempts(Ticker ticker) {
        ofName =
                Caffeine.newBuilder()
                        .ticker(ticker)
                        .expireAfterWrite(WHILE)
                        .maximumSize(MOST_KNOWN)
                        .build();
        ofAddress =
                Caffeine.newBuilder()
                        .ticker(ticker)
                        .expireAfterWrite(WHILE)
                        .maximumSize(MOST_KNOWN)
                        .build();
    }

    /**
     * Counts one before it is looked at, so that many at once are not more than one after another.
     *
     * @return whether it may be looked at
     */
    public synchronized boolean begin(String address, String name) {
        String network = network(address);
        From from = new From(network, name);
        if (count(ofAddress.getIfPresent(network)) >= MOST_OF_ADDRESS
                || count(ofName.getIfPresent(from)) >= MOST_OF_NAME) {
            return false;
        }
        ofName.asMap().merge(from, 1, Integer::sum);
        ofAddress.asMap().merge(network, 1, Integer::sum);
        return true;
    }

    private static int count(@Nullable Integer counted) {
        return counted == null ? 0 : counted;
    }

    /** Who has an IPv6 address has all of its network. */
    private static String network(String address) {
        try {
            byte[] bytes = InetAddress.ofLiteral(address).getAddress();
            return HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, BYTES_OF_IP6_NETWORK));
        } catch (IllegalArgumentException e) {
            // As a proxy tells it, which may be anything.
            return address;
        }
    }

    /** The one that was begun was not looked at. */
    void takeBack(String address, String name) {
        String network = network(address);
        ofName.asMap().computeIfPresent(new From(network, name), (_, count) -> count - 1);
        ofAddress.asMap().computeIfPresent(network, (_, count) -> count - 1);
    }

    /** The one that was begun was right. */
    public void succeed(String address, String name) {
        String network = network(address);
        ofName.invalidate(new From(network, name));
        ofAddress.asMap().computeIfPresent(network, (_, count) -> count - 1);
    }
}
