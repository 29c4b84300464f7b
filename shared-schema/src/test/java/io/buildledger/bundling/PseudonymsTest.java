package io.buildledger.bundling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.log.EventImport.Row;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PseudonymsTest {

    private final Pseudonyms names = new Pseudonyms(new byte[32]);

    private static Row row(String stream, String payload, String metadata) {
        return new Row(1, stream, 0, "x", "1", payload, metadata, Instant.EPOCH);
    }

    private String payload(String payload) {
        return names.replace(row("master/m", payload, "{}")).payload();
    }

    /** A farm may call its workers so. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "change/77",
                "buildset/77",
                "build-request/77",
                "build/linux/77",
                "timer/t/77"
            })
    void a_number_stays_though_somebody_is_called_so(String stream) {
        names.learnStream("worker/77");
        names.learnStream("worker/7");

        Row replaced = names.replace(row(stream, "{}", "{\"cause\":\"" + stream + "@7\"}"));

        assertThat(replaced.stream()).isEqualTo(stream);
        assertThat(replaced.metadata()).isEqualTo("{\"cause\":\"" + stream + "@7\"}");
    }

    @Test
    void an_event_that_is_named_by_its_place_has_the_name_of_its_stream() {
        names.learnStream("worker/7");
        Row replaced = names.replace(row("worker/7", "{}", "{\"cause\":\"worker/7@7\"}"));

        assertThat(replaced.stream()).matches("worker/worker-[0-9a-f]{8}");
        assertThat(replaced.metadata()).isEqualTo("{\"cause\":\"" + replaced.stream() + "@7\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"at\":\"2026-10-01T03:12:00Z\"}",
                "{\"commandId\":\"10.20.30.40\"}",
                "{\"orphans\":[\"10.20.30.40\"]}",
                "{\"version\":\"3.11.9.1\"}",
                "{\"reason\":\"03:12:00, std::vector, a:b and 1.2.3\"}",
            })
    void what_is_no_name_and_no_address_stays(String payload) {
        names.learnStream("worker/01T03");
        names.learnStream("worker/10");

        assertThat(payload(payload)).isEqualTo(payload);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "old_build_canceller main",
                "failing_buildset_canceller main",
                "signal",
                "somebody",
                "build linux/7"
            })
    void who_is_no_person_is_none(String actor) {
        String payload = "{\"cancelledBy\":\"" + actor + "\"}";
        names.learn(row("build-request/1", payload, "{}"));

        assertThat(payload(payload)).isEqualTo(payload);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, host-",
        "2001:db8::7, host-",
        "2001:db8:0:0:1:2:3:4, host-",
        "fe80::1:2, host-",
        "::1, host-",
        "::ffff:10.1.2.3, host-",
        "jdbc:mysql://db.farm/buildledger?x=y, https://example.invalid/",
        "svn://farm/trunk, https://example.invalid/",
        "s3://bucket/key, https://example.invalid/",
        "git@farm:app.git, https://example.invalid/",
        "ann@farm.example, person-"
    })
    void an_address_in_a_text_is_another(String address, String begin) {
        String replaced = payload("{\"reason\":\"not from " + address + " today\"}");

        assertThat(replaced)
                .startsWith("{\"reason\":\"not from " + begin)
                .endsWith(" today\"}")
                .doesNotContain(address, "farm", "bucket", "2001", "10.1");
    }

    @Test
    void in_a_text_the_longest_name_is_meant_and_only_whole_words_are() {
        names.learn(row("change/1", "{\"author\":\"Ann Lee <ann@x.example>\"}", "{}"));
        names.learn(row("change/2", "{\"author\":\"Ann\"}", "{}"));
        names.learnStream("master/b1");

        assertThat(payload("{\"reason\":\"Ann Lee, Ann, Anna and b1-x on b1.\"}"))
                .matches(
                        "\\{\"reason\":\"person-\\w{8}, person-\\w{8}, Anna and b1-x on master-\\w{8}\\.\"}");
    }
}
