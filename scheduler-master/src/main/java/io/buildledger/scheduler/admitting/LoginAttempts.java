package io.buildledger.scheduler.admitting;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Who has tried in vain to log in. After {@value #MOST_OF_NAME} passwords for one name from one
 * address, or {@value #MOST_OF_ADDRESS} from one address whatever the names, none from there is
 * looked at for a while. A name alone locks nobody out, as anybody knows it. Each master counts by
 * itself, and forgets when it ends.
 */
final class LoginAttempts {

    static final Duration WHILE = Duration.ofMinutes(15);
    static final int MOST_OF_NAME = 10;
    static final int MOST_OF_ADDRESS = 100;

    /** More than that, and those that are longest ago are forgotten. */
    private static final int MOST_KNOWN = 100_000;

    private record From(String address, String name) {}

    private final Cache<From, Integer> ofName;
    private final Cache<String, Integer> ofAddress;

    LoginAttempts(Ticker ticker) {
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
    boolean begin(String address, String name) {
        From from = new From(address, name);
        if (ofName.get(from, _ -> 0) >= MOST_OF_NAME
                || ofAddress.get(address, _ -> 0) >= MOST_OF_ADDRESS) {
            return false;
        }
        ofName.asMap().merge(from, 1, Integer::sum);
        ofAddress.asMap().merge(address, 1, Integer::sum);
        return true;
    }

    /** The one that was begun was right. */
    void succeed(String address, String name) {
        ofName.invalidate(new From(address, name));
        ofAddress.asMap().computeIfPresent(address, (_, count) -> count - 1);
    }
}
