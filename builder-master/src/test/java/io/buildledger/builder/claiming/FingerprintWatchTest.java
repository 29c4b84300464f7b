package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.PublishedFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FingerprintWatchTest {

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(FingerprintWatch.class);

    @TempDir Path directory;
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private Map<String, Fingerprints> diverging = Map.of();
    private boolean isAway;
    private int asked;

    private final FingerprintWatch watch =
            new FingerprintWatch(() -> {
                asked++;
                if (isAway) {
                    throw new IllegalStateException("the database is away");
                }
                return diverging;
            });

    @BeforeEach
    void listen() {
        logged.start();
        LOGGER.addAppender(logged);
    }

    @AfterEach
    void close() {
        LOGGER.detachAppender(logged);
    }

    private ConfiguredBuilders configured(String builderFingerprint) throws IOException {
        return new ConfiguredBuilders(
                ConfigurationFile.read(
                                Files.writeString(
                                        directory.resolve("cluster.yaml"),
                                        """
                                        db_url: jdbc:mysql://unused/unused
                                        db_user: unused
                                        builder_fingerprint: %s
                                        builders: [{name: docs, worker_names: [one], factory: []}]
                                        workers: [{name: one}]
                                        """
                                                .formatted(builderFingerprint)))
                        .configuration());
    }

    private static Map<String, Fingerprints> differs(String builder, String own) {
        return Map.of(
                builder,
                new Fingerprints(
                        List.of(
                                new PublishedFingerprint("b1", own, Instant.EPOCH, true),
                                new PublishedFingerprint("b2", "f00d", Instant.MAX, true))));
    }

    private List<String> lines() {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void a_divergence_is_told_once_and_when_it_is_over() throws IOException {
        ConfiguredBuilders configured = configured("refuse");
        String own = configured.fingerprintOf("docs");
        diverging = differs("docs", own);

        assertThat(watch.refused(configured)).containsExactly("docs");
        assertThat(watch.refused(configured)).containsExactly("docs");
        watch.look();
        assertThat(watch.refused(configured)).containsExactly("docs");
        assertThat(lines())
                .containsExactly(
                        "builder docs DIVERGES: b1 %s, b2 f00d; builder_fingerprint: refuse, so this master claims nothing for it until it has f00d"
                                .formatted(own));

        diverging = Map.of();
        watch.look();
        assertThat(watch.refused(configured)).isEmpty();
        assertThat(lines())
                .hasSize(2)
                .endsWith("builder docs diverges no more, as far as this master sees");
    }

    @Test
    void with_warn_it_is_told_and_nothing_is_refused() throws IOException {
        ConfiguredBuilders configured = configured("warn");
        diverging = differs("docs", configured.fingerprintOf("docs"));

        assertThat(watch.refused(configured)).isEmpty();
        assertThat(lines())
                .singleElement()
                .asString()
                .endsWith("b2 f00d; this master goes on by its own file");
    }

    @Test
    void builders_of_other_masters_are_none_of_its_business() throws IOException {
        diverging = differs("mac", "cafe");

        assertThat(watch.refused(configured("refuse"))).isEmpty();
        assertThat(lines()).isEmpty();
    }

    @Test
    void the_database_is_asked_only_after_something_has_happened_to_a_master() throws IOException {
        ConfiguredBuilders configured = configured("refuse");
        for (int i = 0; i < 5; i++) {
            watch.refused(configured);
        }
        assertThat(asked).isEqualTo(1);

        isAway = true;
        watch.look();
        assertThatThrownBy(() -> watch.refused(configured)).hasMessage("the database is away");
        isAway = false;
        diverging = differs("docs", configured.fingerprintOf("docs"));

        assertThat(watch.refused(configured)).containsExactly("docs");
        assertThat(asked).isEqualTo(3);
    }
}
