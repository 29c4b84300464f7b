package io.buildledger.builder.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WireFormatTest {

    @Test
    void what_is_written_is_read() throws Exception {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("text", "ä\uD83D\uDE00");
        message.put("nothing", null);
        message.put("numbers", List.of(0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 1.5));
        message.put("inode", BigInteger.ONE.shiftLeft(63));
        message.put("map", Map.of("yes", true));

        assertThat(WireFormat.decode(WireFormat.encode(message))).isEqualTo(message);
    }

    @Test
    void bytes_and_text_stay_apart() throws Exception {
        byte[] bytes = {0, -1, 'a'};

        Object read = WireFormat.decode(WireFormat.encode(Map.of("b", bytes))).get("b");

        assertThat(read).isEqualTo(bytes);
    }

    @Test
    void text_that_is_not_utf_8_is_shown_and_not_lost() throws Exception {
        assertThat(WireFormat.decode(HexFormat.of().parseHex("81a16bA361ff62")))
                .isEqualTo(Map.of("k", "a\uFFFDb"));
    }

    @ParameterizedTest
    @CsvSource({
        "'',           it is not MessagePack",
        "c0,           it is not a map",
        "93010203,     it is not a map",
        "80c0,         1 bytes follow its end",
        "81a16b,       it is not MessagePack",
        "c1,           it is not MessagePack",
        "8101c0,       a key in it is not text",
        "81a16bd40101, it has an extension type",
        "ddffffffff,   it is not MessagePack",
        "dd7fffffff,   it ends before the 2147483647 bytes or values",
        "df7fffffff,   it ends before the 4294967294 bytes or values",
        "c67fffffff,   it ends before the 2147483647 bytes or values",
        "db7fffffff,   it ends before the 2147483647 bytes or values",
        "81a16bdd00ffffff, it ends before the 16777215 bytes or values",
    })
    void what_is_no_message_is_told_with_the_reason(String hex, String reason) {
        assertThatThrownBy(() -> WireFormat.decode(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageStartingWith(reason);
    }

    @Test
    void nesting_is_bounded() {
        byte[] deep = new byte[100_000];
        Arrays.fill(deep, (byte) 0x91);

        assertThatThrownBy(() -> WireFormat.decode(deep))
                .hasMessage("it is nested more than 32 deep");
    }

    @Test
    void the_number_of_values_is_bounded() {
        byte[] many = new byte[2_000_005];
        byte[] header = HexFormat.of().parseHex("dd001e8480");
        Arrays.fill(many, (byte) 0xc0);
        System.arraycopy(header, 0, many, 0, header.length);

        assertThatThrownBy(() -> WireFormat.decode(many))
                .hasMessage("it has more than 1000000 values");
    }

    @Test
    void noise_is_malformed_or_a_message_but_nothing_else() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            try {
                assertThat(WireFormat.decode(noise)).isNotNull();
            } catch (MalformedMessageException e) {
                assertThat(e).message().isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void what_has_no_form_is_refused_with_its_place() {
        assertThatThrownBy(() ->
                        WireFormat.encode(
                                Map.of("args", Map.of("env", List.of("a", new Object())))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "args.env[1]: a value of class java.lang.Object can't be sent to a worker");
    }
}
