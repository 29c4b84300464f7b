package io.buildledger.scheduler.serving;

import io.buildledger.locking.LockListing;
import java.util.List;
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
     */
    record Locks(List<LockListing.Line> locks) {}

    private final LockListing listing;

    LockController(LockListing listing) {
        this.listing = listing;
    }

    @GetMapping("/locks")
    Locks locks(@RequestParam(name = "limit", defaultValue = "1000") int limit) {
        return new Locks(listing.lines().stream().limit(ApiController.checked(limit)).toList());
    }
}
