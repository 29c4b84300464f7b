package io.buildledger.scheduler.serving;

import io.buildledger.auditing.Audit;
import io.buildledger.auditing.Audits;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** The pages of {@link AuditController}'s answers. */
@Pages
class AuditPages {

    private final Audits audits;

    AuditPages(Audits audits) {
        this.audits = audits;
    }

    @GetMapping("/audit/{kind}/{name}")
    String audit(
            @PathVariable("kind") String kind,
            @PathVariable("name") String name,
            @RequestParam(name = "since", required = false) @Nullable String since,
            @RequestParam(name = "until", required = false) @Nullable String until,
            @RequestParam(name = "limit", defaultValue = "50") int limit,
            Model model) {
        Audit audit = AuditController.audit(audits, kind, name, since, until, limit);
        model.addAttribute("audit", audit);
        model.addAttribute("since", since);
        model.addAttribute("until", until);
        model.addAttribute("limit", limit);
        return "audit";
    }
}
