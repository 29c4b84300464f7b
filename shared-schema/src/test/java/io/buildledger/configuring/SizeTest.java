package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SizeTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1023, 1023, 1023",
        "1024, 1024, 1KiB",
        "1025, 1025, 1025",
        "' 1536 KiB ', 1572864, 1536KiB",
        "2048KiB, 2097152, 2MiB",
        "50MiB, 52428800, 50MiB",
        "1GiB, 1073741824, 1GiB",
        "1024GiB, 1099511627776, 1024GiB",
    })
    void a_size_is_read_in_any_unit_and_written_in_the_largest(
            String read, long bytes, String written) {
        Size size = ConfigurationReader.YAML.readValue("'" + read + "'", Size.class);

        assertThat(size.bytes()).isEqualTo(bytes);
        assertThat(size).hasToString(written);
        assertThat(ConfigurationReader.YAML.readValue(written, Size.class)).isEqualTo(size);
    }
}
