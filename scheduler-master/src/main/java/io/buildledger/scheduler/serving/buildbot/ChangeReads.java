package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.buildbot.GrowingList.Page;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.Views;
import io.buildledger.viewing.Views.Change;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Changes. Filters of a list know of a change what the views have of it. */
@RestController
@RequestMapping("/api/v2")
class ChangeReads {

    private static final String ID = "changeid";

    private final Views views;
    private final IndexWalks walks;
    private final ChangeRows rows;

    ChangeReads(Views views, IndexWalks walks, ChangeRows rows) {
        this.views = views;
        this.walks = walks;
        this.rows = rows;
    }

    @Answers(value = Kind.CHANGE, many = true)
    @GetMapping("/changes")
    Answer changes(HttpServletRequest request) {
        Query query = Query.ofMany(Kind.CHANGE, request);
        Page<Change> page =
                list(query).of(query, GrowingList.MOST_FROM_LOG, ChangeRows::row, _ -> true);
        return Answer.of(query, rows.whole(page.items()), page.meta());
    }

    private GrowingList<Change> list(Query query) {
        Optional<Comparable<?>> revision = query.only("revision");
        if (revision.isPresent()) {
            return new GrowingList<>(
                    walk -> views.changesOfRevision(revision.get().toString(), walk.rows()),
                    List.of(ID),
                    Set.of(),
                    true);
        }
        return new GrowingList<>(
                walk -> walks.changes(query.range(ID), walk), List.of(ID), Set.of(ID), false);
    }

    @Answers(Kind.CHANGE)
    @GetMapping("/changes/{id}")
    Answer change(@PathVariable("id") long id, HttpServletRequest request) {
        return Answer.ofOne(
                Query.ofOne(Kind.CHANGE, request),
                rows.whole(List.of(rows.require(id))).getFirst());
    }
}
