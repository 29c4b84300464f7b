package io.buildledger.scheduler.commandline;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import tools.jackson.databind.JsonNode;

/** Times as short as they may be: of today the hour alone, of this year without the year. */
record ShortTime(Instant now, ZoneId zone) {

    private static final DateTimeFormatter TODAY = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final DateTimeFormatter THIS_YEAR = DateTimeFormatter.ofPattern("MM-dd HH:mm");
    private static final DateTimeFormatter BEFORE = DateTimeFormatter.ofPattern("yyyy-MM-dd");

    String of(JsonNode item, String name) {
        String text = Cell.text(item, name);
        return text.equals("-") ? text : of(Instant.parse(text));
    }

    String of(Instant at) {
        LocalDateTime local = LocalDateTime.ofInstant(at, zone);
        LocalDateTime here = LocalDateTime.ofInstant(now, zone);
        if (local.toLocalDate().equals(here.toLocalDate())) {
            return TODAY.format(local);
        }
        return (local.getYear() == here.getYear() ? THIS_YEAR : BEFORE).format(local);
    }
}
