package io.buildledger.scheduler.serving;

import io.buildledger.locking.LockListing;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who has which lock, and who waits for it. */
@RestController
@RequestMapping("/api")
class LockController {

    /**
     * @param locks those that somebody holds or waits for
     * @param next what {@code after} is for those that follow; null if there are none
     */
    record Locks(List<LockListing.Line> locks, @Nullable String next) {}

    private final LockListing listing;

    LockController(LockListing listing) {
        this.listing = listing;
    }

    @GetMapping("/locks")
    Locks locks(
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        Portion<LockListing.Line> portion =
                Portion.of(
                        listing.lines(ApiController.nameOrFirst(after)).stream()
                                .limit(ApiController.checked(limit) + 1L)
                                .toList(),
                        limit,
                        LockListing.Line::lock);
        return new Locks(portion.items(), portion.next());
    }
}
