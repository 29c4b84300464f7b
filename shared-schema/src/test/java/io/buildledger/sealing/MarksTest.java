package io.buildledger.sealing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MarksTest {

    @Test
    void they_are_read_as_they_were_written() {
        List<Mark> marks =
                List.of(
                        new Mark(1, 0),
                        new Mark(128, -1),
                        new Mark(256, Integer.MIN_VALUE),
                        new Mark(20_000, 7),
                        new Mark(Long.MAX_VALUE, Integer.MAX_VALUE));

        assertThat(Marks.stored(Marks.of(marks).bytes()).read()).contains(marks);
        assertThat(Marks.NONE.read()).contains(List.of());
    }

    @Test
    void most_take_five_bytes() {
        Marks marks = Marks.of(List.of(new Mark(300, 0x01020304), new Mark(301, 0x05060708)));

        assertThat(HexFormat.of().formatHex(marks.bytes()))
                .isEqualTo("ac0201020304" + "0105060708");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "0101",
                "01010203",
                "0001020304",
                "80",
                "ac02",
                "0101020304ff",
                "80808080808080808080808001020304",
                "ffffffffffffffffff0101020304"
            })
    void what_is_not_of_their_form_is_not_read(String hex) {
        assertThat(Marks.stored(HexFormat.of().parseHex(hex)).read()).isEmpty();
    }
}
