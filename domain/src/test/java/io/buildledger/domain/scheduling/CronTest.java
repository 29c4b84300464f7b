package io.buildledger.domain.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CronTest {

    private static List<Instant> moments(Cron cron, Instant after, ZoneId zone, int count) {
        List<Instant> moments = new ArrayList<>();
        Instant last = after;
        while (moments.size() < count) {
            last = cron.next(last, zone).orElseThrow();
            moments.add(last);
        }
        return moments;
    }

    /** 1 January 2026 is a Thursday. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    * * * * *        | 2026-01-01T23:58:30 | 2026-01-01T23:59 2026-01-02T00:00
                    */15 * * * *     | 2026-01-01T00:00 | 2026-01-01T00:15 2026-01-01T00:30 2026-01-01T00:45 2026-01-01T01:00
                    */60 * * * *     | 2026-01-01T00:00 | 2026-01-01T01:00 2026-01-01T02:00
                    5/20 * * * *     | 2026-01-01T00:00 | 2026-01-01T00:05 2026-01-01T00:25 2026-01-01T00:45 2026-01-01T01:05
                    1-6/2 * * * *    | 2026-01-01T00:00 | 2026-01-01T00:01 2026-01-01T00:03 2026-01-01T00:05 2026-01-01T01:01
                    7,05,7,06 * * * * | 2026-01-01T00:00 | 2026-01-01T00:05 2026-01-01T00:06 2026-01-01T00:07 2026-01-01T01:05
                    50-10/10 * * * * | 2026-01-01T00:00 | 2026-01-01T00:10 2026-01-01T00:50 2026-01-01T01:00 2026-01-01T01:10
                    0 22-4/3 * * *   | 2026-01-01T00:00 | 2026-01-01T01:00 2026-01-01T04:00 2026-01-01T22:00 2026-01-02T01:00
                    0 5-5 * * *      | 2026-01-01T00:00 | 2026-01-01T05:00 2026-01-02T05:00
                    30 13 * * *      | 2026-01-01T13:30 | 2026-01-02T13:30
                    30 13 * * *      | 2026-01-01T13:29:59.999 | 2026-01-01T13:30
                    0 0 10,20,30 * * | 2026-01-29T22:00 | 2026-01-30T00:00 2026-02-10T00:00
                    0 0 31 * *       | 2026-01-31T00:00 | 2026-03-31T00:00 2026-05-31T00:00
                    0 0 30-1 * *     | 2026-01-01T00:00 | 2026-01-30T00:00 2026-01-31T00:00 2026-02-01T00:00 2026-03-01T00:00
                    0 0 25/5 * *     | 2026-01-01T00:00 | 2026-01-25T00:00 2026-01-30T00:00 2026-02-25T00:00
                    0 0 L * *        | 2026-01-01T00:00 | 2026-01-31T00:00 2026-02-28T00:00 2026-03-31T00:00 2026-04-30T00:00
                    0 0 l 2 *        | 2027-01-01T00:00 | 2027-02-28T00:00 2028-02-29T00:00
                    0 0 15,L 2 *     | 2026-01-01T00:00 | 2026-02-15T00:00 2026-02-28T00:00
                    0 0 27-L 2 *     | 2028-01-01T00:00 | 2028-02-27T00:00 2028-02-28T00:00 2028-02-29T00:00 2029-02-27T00:00
                    0 0 1 Feb,JUN *  | 2026-01-01T00:00 | 2026-02-01T00:00 2026-06-01T00:00 2027-02-01T00:00
                    0 0 1 nov-feb/2 * | 2026-01-01T00:00 | 2026-11-01T00:00 2027-01-01T00:00 2027-11-01T00:00
                    0 0 1 3/4 *      | 2026-01-01T00:00 | 2026-03-01T00:00 2026-07-01T00:00 2026-11-01T00:00
                    0 0 * * 0        | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-11T00:00
                    0 0 * * 7        | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-11T00:00
                    0 0 * * SUN      | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-11T00:00
                    0 0 * * 5-7      | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00 2026-01-09T00:00
                    0 0 * * 0-2      | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-05T00:00 2026-01-06T00:00 2026-01-11T00:00
                    0 0 * * 7-2      | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-05T00:00 2026-01-06T00:00 2026-01-11T00:00
                    0 0 * * sat-sun  | 2026-01-01T00:00 | 2026-01-03T00:00 2026-01-04T00:00 2026-01-10T00:00
                    0 0 * * Mon-Fri  | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-05T00:00 2026-01-06T00:00
                    0 0 * * fri-mon  | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00 2026-01-05T00:00 2026-01-09T00:00
                    0 0 * * 0-7      | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00
                    0 0 * * 7-7      | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-11T00:00
                    0 0 * * sun-sun  | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-11T00:00
                    0 0 * * 1/2      | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-05T00:00 2026-01-07T00:00
                    0 0 * * 7/3      | 2026-01-01T00:00 | 2026-01-03T00:00 2026-01-04T00:00 2026-01-07T00:00
                    0 0 * * */3      | 2026-01-01T00:00 | 2026-01-03T00:00 2026-01-04T00:00 2026-01-07T00:00
                    0 0 * * 1,thu    | 2026-01-01T00:00 | 2026-01-05T00:00 2026-01-08T00:00
                    0 0 * * 1#2      | 2026-01-01T00:00 | 2026-01-12T00:00 2026-02-09T00:00
                    0 0 * * 7#1      | 2026-01-01T00:00 | 2026-01-04T00:00 2026-02-01T00:00
                    0 0 * * fri#5    | 2026-01-01T00:00 | 2026-01-30T00:00 2026-05-29T00:00
                    0 0 * * mon-wed#1 | 2026-01-01T00:00 | 2026-01-05T00:00 2026-01-06T00:00 2026-01-07T00:00 2026-02-02T00:00
                    0 0 * * L5       | 2026-01-01T00:00 | 2026-01-30T00:00 2026-02-27T00:00
                    0 0 * * lSun     | 2026-01-01T00:00 | 2026-01-25T00:00 2026-02-22T00:00
                    0 0 * * L7       | 2026-01-01T00:00 | 2026-01-25T00:00 2026-02-22T00:00
                    0 0 * * sun,mon#2 | 2026-01-05T00:00 | 2026-01-11T00:00 2026-01-12T00:00 2026-01-18T00:00
                    0 0 13 * fri     | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-09T00:00 2026-01-13T00:00 2026-01-16T00:00
                    0 0 L * L1       | 2026-01-01T00:00 | 2026-01-26T00:00 2026-01-31T00:00 2026-02-23T00:00
                    0 0 1-31 * mon   | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-03T00:00
                    0 0 */2 * mon    | 2026-01-01T00:00 | 2026-01-05T00:00 2026-01-19T00:00 2026-02-09T00:00
                    0 0 13 * */5     | 2026-01-01T00:00 | 2026-02-13T00:00 2026-03-13T00:00 2026-09-13T00:00
                    0 0 *,13 * fri   | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-09T00:00 2026-01-16T00:00
                    0 0 29 2 *       | 2096-02-29T00:00 | 2104-02-29T00:00
                    0 0 29 2 */7     | 2032-02-29T00:00 | 2060-02-29T00:00 2088-02-29T00:00 2128-02-29T00:00
                    @hourly          | 2026-01-01T00:00 | 2026-01-01T01:00 2026-01-01T02:00
                    @daily           | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-03T00:00
                    @midnight        | 2026-01-01T00:00 | 2026-01-02T00:00 2026-01-03T00:00
                    @weekly          | 2026-01-01T00:00 | 2026-01-04T00:00 2026-01-11T00:00
                    @Monthly         | 2026-01-01T00:00 | 2026-02-01T00:00 2026-03-01T00:00
                    @yearly          | 2026-01-01T00:00 | 2027-01-01T00:00 2028-01-01T00:00
                    @annually        | 2026-01-01T00:00 | 2027-01-01T00:00 2028-01-01T00:00
                    """)
    void a_line_is_due_when_it_says(String line, String after, String expected) {
        List<Instant> due =
                Stream.of(expected.split(" ", -1))
                        .map(moment -> LocalDateTime.parse(moment).toInstant(ZoneOffset.UTC))
                        .toList();

        List<Instant> moments =
                moments(
                        Cron.parse(line),
                        LocalDateTime.parse(after).toInstant(ZoneOffset.UTC),
                        ZoneOffset.UTC,
                        due.size());

        assertThat(moments).isEqualTo(due);
    }

    /** Berlin skips from 2:00 to 3:00 on 29 March 2026, and repeats it on 25 October. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    30 2 * * *     | Europe/Berlin | 2026-03-28T02:30+01:00 | 2026-03-29T03:00+02:00 2026-03-30T02:30+02:00
                    30 2 * * *     | Europe/Berlin | 2026-10-24T02:30+02:00 | 2026-10-25T02:30+02:00 2026-10-26T02:30+01:00
                    30 2 * * *     | Europe/Berlin | 2026-10-25T02:30+02:00 | 2026-10-26T02:30+01:00
                    30 2 * * *     | Europe/Berlin | 2026-10-25T02:10+01:00 | 2026-10-26T02:30+01:00
                    */15 2 * * *   | Europe/Berlin | 2026-03-28T02:45+01:00 | 2026-03-29T03:00+02:00 2026-03-30T02:00+02:00
                    */20 2 * * *   | Europe/Berlin | 2026-10-25T01:59+02:00 | 2026-10-25T02:00+02:00 2026-10-25T02:20+02:00 2026-10-25T02:40+02:00 2026-10-26T02:00+01:00
                    0 2,3 * * *    | Europe/Berlin | 2026-03-29T00:00+01:00 | 2026-03-29T03:00+02:00 2026-03-30T02:00+02:00
                    0 2,3 * * *    | Europe/Berlin | 2026-10-25T00:00+02:00 | 2026-10-25T02:00+02:00 2026-10-25T03:00+01:00 2026-10-26T02:00+01:00
                    30 2,3 * * *   | Europe/Berlin | 2026-03-29T00:00+01:00 | 2026-03-29T03:00+02:00 2026-03-29T03:30+02:00 2026-03-30T02:30+02:00
                    0 0-23 * * *   | Europe/Berlin | 2026-03-29T00:00+01:00 | 2026-03-29T01:00+01:00 2026-03-29T03:00+02:00 2026-03-29T04:00+02:00
                    0 0-23 * * *   | Europe/Berlin | 2026-10-25T01:00+02:00 | 2026-10-25T02:00+02:00 2026-10-25T03:00+01:00
                    30 2 29 3 *    | Europe/Berlin | 2026-01-01T00:00+01:00 | 2026-03-29T03:00+02:00 2027-03-29T02:30+02:00
                    0 * * * *      | Europe/Berlin | 2026-03-29T00:00+01:00 | 2026-03-29T01:00+01:00 2026-03-29T03:00+02:00
                    0 * * * *      | Europe/Berlin | 2026-10-25T01:00+02:00 | 2026-10-25T02:00+02:00 2026-10-25T02:00+01:00 2026-10-25T03:00+01:00
                    15 * * * *     | Europe/Berlin | 2026-03-29T00:15+01:00 | 2026-03-29T01:15+01:00 2026-03-29T03:15+02:00 2026-03-29T04:15+02:00
                    */30 * * * *   | Europe/Berlin | 2026-03-29T01:00+01:00 | 2026-03-29T01:30+01:00 2026-03-29T03:00+02:00 2026-03-29T03:30+02:00
                    */30 * * * *   | Europe/Berlin | 2026-10-25T02:00+02:00 | 2026-10-25T02:30+02:00 2026-10-25T02:00+01:00 2026-10-25T02:30+01:00 2026-10-25T03:00+01:00
                    0 */2 * * *    | Europe/Berlin | 2026-03-28T22:00+01:00 | 2026-03-29T00:00+01:00 2026-03-29T03:00+02:00 2026-03-29T04:00+02:00
                    0 */2 * * *    | Europe/Berlin | 2026-10-25T00:00+02:00 | 2026-10-25T02:00+02:00 2026-10-25T02:00+01:00 2026-10-25T04:00+01:00
                    30 2 * * *     | America/New_York | 2026-03-07T12:00-05:00 | 2026-03-08T03:00-04:00 2026-03-09T02:30-04:00
                    30 1 * * *     | America/New_York | 2026-11-01T00:00-04:00 | 2026-11-01T01:30-04:00 2026-11-02T01:30-05:00
                    15 2 * * *     | Australia/Lord_Howe | 2026-10-03T12:00+10:30 | 2026-10-04T02:30+11:00 2026-10-05T02:15+11:00
                    45 1 * * *     | Australia/Lord_Howe | 2026-04-05T00:00+11:00 | 2026-04-05T01:45+11:00 2026-04-06T01:45+10:30
                    0 2 * * *      | Australia/Lord_Howe | 2026-04-05T00:00+11:00 | 2026-04-05T02:00+10:30 2026-04-06T02:00+10:30
                    */30 * * * *   | Australia/Lord_Howe | 2026-10-04T01:00+10:30 | 2026-10-04T01:30+10:30 2026-10-04T02:30+11:00 2026-10-04T03:00+11:00
                    */30 * * * *   | Australia/Lord_Howe | 2026-04-05T01:00+11:00 | 2026-04-05T01:30+11:00 2026-04-05T01:30+10:30 2026-04-05T02:00+10:30
                    0 * * * *      | Australia/Lord_Howe | 2026-10-04T00:00+10:30 | 2026-10-04T01:00+10:30 2026-10-04T02:30+11:00 2026-10-04T03:00+11:00
                    @daily         | America/Sao_Paulo | 2018-11-03T00:00-03:00 | 2018-11-04T01:00-02:00 2018-11-05T00:00-02:00
                    0 0 4 11 *     | America/Sao_Paulo | 2018-06-01T00:00-03:00 | 2018-11-04T01:00-02:00 2019-11-04T00:00-03:00
                    @daily         | America/Sao_Paulo | 2018-02-17T00:00-02:00 | 2018-02-18T00:00-03:00 2018-02-19T00:00-03:00
                    30 23 * * *    | America/Sao_Paulo | 2018-02-17T00:00-02:00 | 2018-02-17T23:30-02:00 2018-02-18T23:30-03:00
                    0 */6 * * *    | America/Sao_Paulo | 2018-11-03T12:00-03:00 | 2018-11-03T18:00-03:00 2018-11-04T01:00-02:00 2018-11-04T06:00-02:00
                    @daily         | America/St_Johns | 2010-11-06T12:00-02:30 | 2010-11-07T00:00-02:30 2010-11-08T00:00-03:30
                    0 12 * * *     | Pacific/Apia | 2011-12-29T00:00-10:00 | 2011-12-29T12:00-10:00 2011-12-31T00:00+14:00 2011-12-31T12:00+14:00
                    0 0 30 12 *    | Pacific/Apia | 2011-06-01T00:00-11:00 | 2011-12-31T00:00+14:00 2012-12-30T00:00+14:00
                    0 9 * * fri    | Pacific/Apia | 2011-12-25T00:00-10:00 | 2011-12-31T00:00+14:00 2012-01-06T09:00+14:00
                    0 * * * *      | Pacific/Apia | 2011-12-29T22:00-10:00 | 2011-12-29T23:00-10:00 2011-12-31T00:00+14:00 2011-12-31T01:00+14:00
                    0 * * * fri    | Pacific/Apia | 2011-12-25T00:00-10:00 | 2011-12-31T00:00+14:00 2012-01-06T00:00+14:00 2012-01-06T01:00+14:00
                    30 0 * * *     | Africa/Monrovia | 1972-01-06T01:00-00:44:30 | 1972-01-07T00:44:30+00:00 1972-01-08T00:30+00:00
                    0 0 1 1 *      | Europe/Berlin | 2500-01-01T00:00+01:00 | 2501-01-01T00:00+01:00
                    0 6 * * *      | Asia/Kathmandu | 2026-01-01T00:00+05:45 | 2026-01-01T06:00+05:45
                    """)
    void a_change_of_the_clock_neither_loses_nor_doubles(
            String line, ZoneId zone, OffsetDateTime after, String expected) {
        List<OffsetDateTime> due =
                Stream.of(expected.split(" ", -1)).map(OffsetDateTime::parse).toList();

        List<Instant> moments = moments(Cron.parse(line), after.toInstant(), zone, due.size());

        assertThat(moments).map(moment -> moment.atZone(zone).toOffsetDateTime()).isEqualTo(due);
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-28T00:00:00Z",
        "Europe/Berlin, 2026-10-24T00:00:00Z",
        "Australia/Lord_Howe, 2026-04-04T00:00:00Z",
        "Australia/Lord_Howe, 2026-10-03T00:00:00Z",
        "America/Sao_Paulo, 2018-11-03T00:00:00Z"
    })
    void every_half_hour_is_every_half_hour_through_a_change(ZoneId zone, Instant start) {
        List<Instant> moments = moments(Cron.parse("*/30 * * * *"), start, zone, 100);

        assertThat(moments)
                .isEqualTo(
                        IntStream.rangeClosed(1, 100)
                                .mapToObj(count -> start.plus(Duration.ofMinutes(30L * count)))
                                .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 30-L feb *", "* * */31 * mon#2"})
    void what_never_comes_is_empty(String line) {
        Cron cron = Cron.parse(line);

        Optional<Instant> next =
                cron.next(Instant.parse("2026-01-01T00:00:00Z"), ZoneId.of("Europe/Berlin"));

        assertThat(next).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 25 * * *       | hour: '25' is out of range: 0 to 23
                    60 * * * *       | minute: '60' is out of range: 0 to 59
                    99999999999 * * * * | minute: '99999999999' is out of range: 0 to 59
                    0 0 0 * *        | day_of_month: '0' is out of range: 1 to 31, or L for the last day
                    0 0 1-32 * *     | day_of_month: '32' is out of range: 1 to 31, or L for the last day
                    0 0 1 13 *       | month: '13' is out of range: 1 to 12, or jan to dec
                    0 0 1 0 *        | month: '0' is out of range: 1 to 12, or jan to dec
                    0 0 1 januar *   | month: 'januar' is not known: 1 to 12, or jan to dec
                    0 0 * * 8        | day_of_week: '8' is out of range: 0 to 7, both of which are Sunday, or sun to sat
                    0 0 * * Monday   | day_of_week: 'Monday' is not known: 0 to 7, both of which are Sunday, or sun to sat
                    0 0 * * L        | day_of_week: 'L' lacks its weekday: L5 is the last Friday
                    0 0 * * L8       | day_of_week: '8' is out of range: 0 to 7, both of which are Sunday, or sun to sat
                    0 0 * * 1#6      | day_of_week: week '6' is out of range: 1 to 5
                    0 0 * * *#2      | day_of_week: '*#2' is not understood: 0 to 7, both of which are Sunday, or sun to sat; a range as 0-6, a step as */2, or *
                    0 L * * *        | hour: 'L' is not known: 0 to 23
                    0 0 L-3 * *      | day_of_month: 'L' is not known: 1 to 31, or L for the last day
                    0 0 1#2 * *      | day_of_month: '1#2' is not understood: 1 to 31, or L for the last day; a range as 1-31, a step as */2, or *
                    */0 * * * *      | minute: step '0' is out of range: 1 to 60
                    */90 * * * *     | minute: step '90' is out of range: 1 to 60
                    0 */25 * * *     | hour: step '25' is out of range: 1 to 24
                    -1 * * * *       | minute: '-1' is not understood: 0 to 59; a range as 0-59, a step as */2, or *
                    1,,2 * * * *     | minute: '' is not understood: 0 to 59; a range as 0-59, a step as */2, or *
                    *-5 * * * *      | minute: '*-5' is not understood: 0 to 59; a range as 0-59, a step as */2, or *
                    5a * * * *       | minute: '5a' is not understood: 0 to 59; a range as 0-59, a step as */2, or *
                    0 0 ? * *        | day_of_month: '?' is not understood: 1 to 31, or L for the last day; a range as 1-31, a step as */2, or *
                    60 24 * * *      | minute: '60' is out of range: 0 to 59; hour: '24' is out of range: 0 to 23
                    0 0 * *          | cron: '0 0 * *' is not five fields: minute hour day_of_month month day_of_week
                    0 0 0 * * *      | cron: '0 0 0 * * *' is not five fields: minute hour day_of_month month day_of_week
                    ''               | cron: '' is not five fields: minute hour day_of_month month day_of_week
                    @reboot          | cron: '@reboot' is not known: @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually
                    """)
    void what_is_wrong_is_told_with_the_field_and_what_would_be_right(String line, String message) {
        assertThatThrownBy(() -> Cron.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void a_list_with_blanks_in_a_field_is_told_how_to_be_written() {
        assertThatThrownBy(() -> Cron.of("0", "6, 8", "*", "*", "*"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("hour: '6, 8' has a blank in it: a list is written as 0,23");
    }

    @Test
    void a_line_is_equal_to_its_fields_and_a_nickname_to_its_line() {
        Cron line = Cron.parse("  0\t2 *  * Mon-Fri ");

        Cron fields = Cron.of("0", " 2", "*", "*", "Mon-Fri");

        assertThat(line).isEqualTo(fields).hasSameHashCodeAs(fields);
        assertThat(line).hasToString("0 2 * * Mon-Fri");
        assertThat(line).isNotEqualTo(Cron.parse("0 2 * * 1-5"));
        assertThat(Cron.parse("@Weekly")).isEqualTo(Cron.parse("0 0 * * 0"));
        assertThat(Cron.parse("@weekly")).hasToString("0 0 * * 0");
    }

    /** The first change of a zone's clock after each moment. */
    private static final List<Edge> EDGES =
            List.of(
                    new Edge("Europe/Berlin", "2026-03-01T00:00:00Z"),
                    new Edge("Europe/Berlin", "2026-10-01T00:00:00Z"),
                    new Edge("America/New_York", "2026-03-01T00:00:00Z"),
                    new Edge("America/New_York", "2026-10-01T00:00:00Z"),
                    new Edge("Australia/Lord_Howe", "2026-03-01T00:00:00Z"),
                    new Edge("Australia/Lord_Howe", "2026-09-01T00:00:00Z"),
                    new Edge("America/Sao_Paulo", "2018-02-01T00:00:00Z"),
                    new Edge("America/Sao_Paulo", "2018-10-01T00:00:00Z"),
                    new Edge("America/St_Johns", "2010-03-01T00:00:00Z"),
                    new Edge("America/St_Johns", "2010-10-01T00:00:00Z"),
                    new Edge("Antarctica/Troll", "2026-03-01T00:00:00Z"),
                    new Edge("Antarctica/Troll", "2026-10-01T00:00:00Z"),
                    new Edge("Asia/Pyongyang", "2015-08-01T00:00:00Z"),
                    new Edge("America/Caracas", "2016-04-01T00:00:00Z"),
                    new Edge("Pacific/Apia", "2011-12-01T00:00:00Z"),
                    // A day that came twice.
                    new Edge("America/Juneau", "1867-10-01T00:00:00Z"));

    private record Edge(ZoneId zone, Instant change) {

        Edge(String zone, String before) {
            this(
                    ZoneId.of(zone),
                    ZoneId.of(zone).getRules().nextTransition(Instant.parse(before)).getInstant());
        }
    }

    @Test
    void whatever_the_line_a_search_finds_what_a_walk_over_all_minutes_finds() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int count = 0; count < 480; count++) {
            Edge edge = EDGES.get(count % EDGES.size());
            ZoneId zone = edge.zone();
            Drawn drawn = Drawn.from(random);
            Cron cron = Cron.parse(drawn.line());
            Instant start =
                    edge.change()
                            .atZone(zone)
                            // After it, the walk could not tell what was shown before.
                            .minusMinutes(1 + random.nextInt(3000))
                            .truncatedTo(ChronoUnit.MINUTES)
                            .toInstant();
            Instant end = edge.change().plus(Duration.ofMinutes(random.nextInt(4000)));

            List<Instant> walked = drawn.walk(zone, start, end);

            List<Instant> searched = new ArrayList<>();
            Optional<Instant> next = cron.next(start, zone);
            while (next.isPresent() && !next.get().isAfter(end)) {
                searched.add(next.get());
                next = cron.next(next.get(), zone);
            }
            assertThat(searched).as("seed %d, %s in %s", seed, cron, zone).isEqualTo(walked);
            Instant any =
                    start.plusMillis(random.nextLong(Duration.between(start, end).toMillis()));
            assertThat(cron.next(any, zone).filter(moment -> !moment.isAfter(end)))
                    .as("seed %d, %s in %s after %s", seed, cron, zone, any)
                    .isEqualTo(walked.stream().filter(moment -> moment.isAfter(any)).findFirst());
        }
    }

    /** A random line, and what it means, said in another way. */
    private record Drawn(
            String line,
            boolean wildcard,
            Set<Integer> minutes,
            Set<Integer> hours,
            Set<Integer> months,
            Predicate<LocalDate> days) {

        static Drawn from(Random random) {
            Set<Integer> minutes = new TreeSet<>();
            Set<Integer> hours = new TreeSet<>();
            Set<Integer> daysOfMonth = new TreeSet<>();
            Set<Integer> months = new TreeSet<>();
            Set<Integer> daysOfWeek = new TreeSet<>();
            String minute = field(random, 0, 59, minutes);
            String hour = random.nextInt(3) == 0 ? "*" : field(random, 0, 23, hours);
            String dayOfMonth = random.nextInt(2) == 0 ? "*" : field(random, 1, 31, daysOfMonth);
            String month = random.nextInt(4) > 0 ? "*" : field(random, 1, 12, months);
            String dayOfWeek = random.nextInt(2) == 0 ? "*" : field(random, 0, 6, daysOfWeek);
            boolean both = dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*");
            Predicate<LocalDate> byDate =
                    date -> dayOfMonth.equals("*") || daysOfMonth.contains(date.getDayOfMonth());
            Predicate<LocalDate> byWeekday =
                    date ->
                            dayOfWeek.equals("*")
                                    || daysOfWeek.contains(date.getDayOfWeek().getValue() % 7);
            if (hour.equals("*")) {
                IntStream.rangeClosed(0, 23).forEach(hours::add);
            }
            if (month.equals("*")) {
                IntStream.rangeClosed(1, 12).forEach(months::add);
            }
            return new Drawn(
                    String.join(" ", minute, hour, dayOfMonth, month, dayOfWeek),
                    hour.startsWith("*"),
                    minutes,
                    hours,
                    months,
                    both ? byDate.and(byWeekday) : byDate.or(byWeekday));
        }

        private static String field(Random random, int first, int last, Set<Integer> values) {
            List<String> items = new ArrayList<>();
            do {
                items.add(item(random, first, last, values));
            } while (random.nextInt(3) == 0);
            return String.join(",", items);
        }

        private static String item(Random random, int first, int last, Set<Integer> values) {
            int from = random.nextInt(first, last + 1);
            int to = random.nextInt(first, last + 1);
            int step = random.nextInt(1, last - first + 2);
            return switch (random.nextInt(6)) {
                case 0 -> {
                    add(first, last, 1, first, last, values);
                    yield "*";
                }
                case 1 -> {
                    add(first, last, step, first, last, values);
                    yield "*/" + step;
                }
                case 2 -> {
                    add(from, to, 1, first, last, values);
                    yield from + "-" + to;
                }
                case 3 -> {
                    add(from, to, step, first, last, values);
                    yield from + "-" + to + "/" + step;
                }
                case 4 -> {
                    add(from, last, step, first, last, values);
                    yield from + "/" + step;
                }
                default -> {
                    values.add(from);
                    yield "" + from;
                }
            };
        }

        private static void add(
                int from, int to, int step, int first, int last, Set<Integer> values) {
            int value = from;
            int count = 0;
            while (true) {
                if (count % step == 0) {
                    values.add(value);
                }
                if (value == to) {
                    return;
                }
                value = value == last ? first : value + 1;
                count++;
            }
        }

        private boolean matches(LocalDateTime time) {
            return minutes.contains(time.getMinute())
                    && hours.contains(time.getHour())
                    && months.contains(time.getMonthValue())
                    && days.test(time.toLocalDate());
        }

        /** All moments after the start, a full minute of the zone, up to the end. */
        List<Instant> walk(ZoneId zone, Instant start, Instant end) {
            List<Instant> moments = new ArrayList<>();
            LocalDateTime expected = LocalDateTime.ofInstant(start, zone).plusMinutes(1);
            LocalDateTime unseen = expected;
            for (Instant moment = start.plusSeconds(60);
                    !moment.isAfter(end);
                    moment = moment.plusSeconds(60)) {
                LocalDateTime shown = LocalDateTime.ofInstant(moment, zone);
                boolean due = false;
                if (wildcard) {
                    due = matches(shown);
                    Duration gap = Duration.between(expected, shown);
                    for (; expected.isBefore(shown); expected = expected.plusMinutes(1)) {
                        due |= matches(expected) && !matches(expected.plus(gap));
                    }
                } else {
                    for (; !unseen.isAfter(shown); unseen = unseen.plusMinutes(1)) {
                        due |= matches(unseen);
                    }
                }
                if (due) {
                    moments.add(moment);
                }
                expected = shown.plusMinutes(1);
            }
            return moments;
        }
    }
}
