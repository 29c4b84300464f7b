package io.buildledger.hinting;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.HintAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other living masters to look, with one small call to each: no retry and no queue, for a
 * lost hint costs one {@code db_poll_interval} and nothing else. While a call to a master is under
 * way, all further hints for it become one.
 */
public final class HintSender implements AutoCloseable {

    static final String AUTHORIZATION = "Authorization";

    private static final Logger LOG = LoggerFactory.getLogger(HintSender.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    /** A master that has started since may miss its first hints. */
    private static final Duration ADDRESSES_ARE_FRESH = Duration.ofSeconds(5);

    private final MasterRegistry registry;
    private final String self;
    private final LongSupplier nanoTime;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();
    private final Semaphore wanted = new Semaphore(0);
    private final Set<HintAddress> underWay = ConcurrentHashMap.newKeySet();
    private final Set<HintAddress> onceMore = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private @Nullable List<HintAddress> addresses;
    private long addressesSince;

    /**
     * @param self name of this master, which needs no hint
     * @param nanoTime a clock that never jumps
     */
    public HintSender(MasterRegistry registry, String self, LongSupplier nanoTime) {
        this.registry = registry;
        this.self = self;
        this.nanoTime = nanoTime;
        this.thread = Thread.ofPlatform().name("hints").daemon().start(this::run);
    }

    static String bearer(HintAddress address) {
        return "Bearer " + address.token();
    }

    /** Tells all others soon; returns at once. */
    public void tell() {
        wanted.release();
    }

    private void run() {
        try {
            while (true) {
                wanted.acquire();
                wanted.drainPermits();
                tellAll();
            }
        } catch (InterruptedException e) {
            // close() ends it.
        }
    }

    private void tellAll() {
        try {
            addresses().forEach(this::tell);
        } catch (RuntimeException | Error e) {
            // An Error, too: without this thread nobody would be told any more.
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("telling other masters failed; they look at their intervals", e);
            }
        }
    }

    private List<HintAddress> addresses() {
        long now = nanoTime.getAsLong();
        List<HintAddress> known = addresses;
        if (known == null || now - addressesSince > ADDRESSES_ARE_FRESH.toNanos()) {
            known = registry.hintAddresses(self);
            addresses = known;
            addressesSince = now;
        }
        return known;
    }

    private void tell(HintAddress address) {
        // First the wish, then the look whether a call is under way: its end looks for wishes.
        onceMore.add(address);
        if (!underWay.add(address)) {
            return;
        }
        onceMore.remove(address);
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address.url()))
                        .header(AUTHORIZATION, bearer(address))
                        .timeout(TIMEOUT)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        var _ =
                http.sendAsync(request, BodyHandlers.discarding())
                        .whenComplete((_, failure) -> over(address, failure));
    }

    private void over(HintAddress address, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.debug("no hint to {}: {}", address.url(), failure.toString());
        }
        underWay.remove(address);
        if (onceMore.remove(address)) {
            tell();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        http.shutdownNow();
    }
}
