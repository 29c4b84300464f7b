package io.buildledger.viewing;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What source stamps have in common that say the same, whatever buildsets they are of. */
final class SourceStampId {

    /**
     * 128 bits: whoever may send a patch chooses what is hashed, and could make half as many meet.
     */
    private static final int DIGITS = 32;

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{%d}".formatted(DIGITS));
    private static final JsonMapper JSON = JsonMapper.shared();

    private SourceStampId() {}

    /** Whether a text may be the id of a source stamp at all. */
    static boolean hasForm(String text) {
        return FORM.matcher(text).matches();
    }

    /** The first 32 hexadecimal digits of the SHA-256 of all that it says, as a list in JSON. */
    static String of(SourceStamp stamp) {
        List<@Nullable Object> said =
                new ArrayList<>(
                        Arrays.<@Nullable Object>asList(
                                stamp.codebase(),
                                stamp.repository(),
                                stamp.branch(),
                                stamp.revision(),
                                stamp.project()));
        Patch patch = stamp.patch();
        if (patch != null) {
            said.addAll(
                    List.of(
                            patch.body(),
                            patch.level(),
                            patch.author(),
                            patch.comment(),
                            patch.subdir()));
        }
        return DigestUtils.sha256Hex(JSON.writeValueAsBytes(said)).substring(0, DIGITS);
    }
}
