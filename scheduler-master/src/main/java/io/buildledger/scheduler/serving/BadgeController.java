package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.viewing.LastResults;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/**
 * Badges for the pages of projects: what a builder has come to last, as a picture. Of a builder
 * that has come to nothing yet there is one, too, so that a page which shows it is not broken.
 */
@RestController
class BadgeController {

    private static final MediaType SVG = new MediaType("image", "svg+xml");

    /** Whoever looks twice a minute gets the same picture. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    private static final int LONGEST_LABEL = 60;
    private static final double WIDTH_OF_A_CHARACTER = 6.8;
    private static final int PADDING = 12;

    private final LastResults results;
    private final Admission admission;

    BadgeController(LastResults results, Admission admission) {
        this.results = results;
        this.admission = admission;
    }

    /**
     * @param branch whose builds count; null for all
     * @param label what it says before the results; the builder's name if there is none
     */
    @GetMapping("/badges/{builder:.+}.svg")
    ResponseEntity<String> badge(
            @PathVariable("builder") String builder,
            @RequestParam(name = "branch", required = false) @Nullable String branch,
            @RequestParam(name = "label", required = false) @Nullable String label) {
        String said = XmlText.of(label == null || label.isBlank() ? builder : label.strip());
        String result = results.of(builder, branch).orElse("no result");
        CacheControl fresh = CacheControl.maxAge(FRESH);
        return ResponseEntity.ok()
                .contentType(SVG)
                .cacheControl(admission.isSeenByAll() ? fresh.cachePublic() : fresh.cachePrivate())
                .body(svg(cut(said), result.toLowerCase(Locale.ROOT), colour(result)));
    }

    private static String cut(String label) {
        return label.codePointCount(0, label.length()) <= LONGEST_LABEL
                ? label
                : label.substring(0, label.offsetByCodePoints(0, LONGEST_LABEL - 1)) + "…";
    }

    /** With white text on it, they have the contrast that WCAG AA asks for. */
    private static String colour(String result) {
        return switch (result) {
            case "SUCCESS" -> "#1a7f37";
            case "WARNINGS" -> "#8a5d00";
            case "FAILURE" -> "#b3202c";
            case "EXCEPTION" -> "#7a2fa8";
            default -> "#5b6672";
        };
    }

    private static String svg(String label, String result, String colour) {
        int left = width(label);
        int right = width(result);
        String name = HtmlUtils.htmlEscape(label, "UTF-8");
        return """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="20" role="img" aria-label="%2$s: %3$s">
          <title>%2$s: %3$s</title>
          <rect width="%1$d" height="20" rx="3" fill="#3a434e"/>
          <path d="M%4$d 0h%5$da3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-%5$dz" fill="%6$s"/>
          <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
            <text x="%7$d" y="14">%2$s</text>
            <text x="%8$d" y="14">%3$s</text>
          </g>
        </svg>
        """
                .formatted(
                        left + right,
                        name,
                        result,
                        left,
                        right - 3,
                        colour,
                        left / 2,
                        left + right / 2);
    }

    /** Near enough: a picture can't measure the fonts of whoever looks at it. */
    private static int width(String text) {
        return PADDING
                + (int) Math.ceil(text.codePointCount(0, text.length()) * WIDTH_OF_A_CHARACTER);
    }
}
