package io.buildledger.scheduler.serving;

import java.util.List;
import org.springframework.ui.Model;

/**
 * So much of a long list as fits on a page.
 *
 * @param skip how many are left out before it
 * @param count how many there are in all
 */
record Excerpt<T>(List<T> items, int skip, int count) {

    /**
     * @param skip how many of the first ones are on other pages; there may be fewer by now, and
     *     then it begins with the first
     */
    static <T> Excerpt<T> of(List<T> all, int skip, int most) {
        int first = skip < 0 || skip >= all.size() ? 0 : skip;
        return new Excerpt<>(
                all.subList(first, Math.min(all.size(), first + most)), first, all.size());
    }

    /** Says which part it is, and where the next one begins, if there is one. */
    void addPlaceTo(Model model) {
        int next = skip + items.size();
        model.addAttribute("skip", skip);
        model.addAttribute("count", count);
        model.addAttribute("next", next < count ? (Integer) next : null);
    }
}
