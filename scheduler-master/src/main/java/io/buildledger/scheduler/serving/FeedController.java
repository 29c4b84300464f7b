package io.buildledger.scheduler.serving;

import com.rometools.rome.feed.atom.Content;
import com.rometools.rome.feed.atom.Entry;
import com.rometools.rome.feed.atom.Feed;
import com.rometools.rome.feed.atom.Link;
import com.rometools.rome.feed.synd.SyndPerson;
import com.rometools.rome.feed.synd.SyndPersonImpl;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.viewing.Views;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Feeds (Atom, RFC 4287) of what builds have come to, for those who read such. */
@RestController
class FeedController {

    private static final String ATOM = "atom_1.0";
    private static final int LOOKED_AT = Views.MOST;
    private static final int ENTRIES = 50;

    private final Views views;
    private final PublishedBuilders builders;
    private final Admission admission;
    private final Shown shown = new Shown();

    FeedController(Views views, PublishedBuilders builders, Admission admission) {
        this.views = views;
        this.builders = builders;
        this.admission = admission;
    }

    /**
     * The last 50 that have ended of the newest 1,000 builds, those that began last first.
     *
     * @param builder whose builds are wanted; null for those of all
     */
    @GetMapping(path = "/feeds/builds.atom", produces = MediaType.APPLICATION_ATOM_XML_VALUE)
    Feed builds(@RequestParam(name = "builder", required = false) @Nullable String builder) {
        List<Views.Build> newest =
                builder == null
                        ? views.builds(LOOKED_AT)
                        : views.builds(builder, Long.MAX_VALUE, LOOKED_AT);
        if (builder != null && newest.isEmpty() && builders.builder(builder).isEmpty()) {
            throw new NotThereException("There is no builder %s.".formatted(builder));
        }
        List<Entry> entries =
                newest.stream()
                        .filter(it -> it.finishedAt() != null)
                        .limit(ENTRIES)
                        .map(this::entry)
                        .toList();
        Feed feed = new Feed(ATOM);
        feed.setId(address(builder == null ? "/feeds/builds.atom" : shown.pathOfFeed(builder)));
        feed.setTitle(builder == null ? "Builds" : XmlText.of("Builds of " + builder));
        feed.setAuthors(List.of(buildledger()));
        feed.setUpdated(
                entries.stream()
                        .map(Entry::getUpdated)
                        .max(Date::compareTo)
                        .orElse(Date.from(Instant.EPOCH)));
        feed.setOtherLinks(List.of(link("self", feed.getId())));
        feed.setAlternateLinks(
                List.of(
                        link(
                                "alternate",
                                address(builder == null ? "/" : shown.pathOfBuilder(builder)))));
        feed.setEntries(entries);
        return feed;
    }

    private static SyndPerson buildledger() {
        SyndPerson author = new SyndPersonImpl();
        author.setName("Buildledger");
        return author;
    }

    private Entry entry(Views.Build build) {
        String path = shown.path(build.builder(), build.buildNumber());
        String page = address(path);
        Entry entry = new Entry();
        // The same whatever the master is called by whoever reads it.
        entry.setId("urn:buildledger" + path.replace('/', ':'));
        entry.setTitle(
                XmlText.of(
                        "%s/%d %s"
                                .formatted(build.builder(), build.buildNumber(), build.results())));
        entry.setAlternateLinks(List.of(link("alternate", page)));
        entry.setUpdated(Date.from(Objects.requireNonNull(build.finishedAt())));
        String summary = build.summary();
        if (summary != null) {
            Content content = new Content();
            content.setType(Content.TEXT);
            content.setValue(XmlText.of(summary));
            entry.setSummary(content);
        }
        return entry;
    }

    private static Link link(String rel, String address) {
        Link link = new Link();
        link.setRel(rel);
        link.setHref(address);
        return link;
    }

    /** As {@code web.url} has it, or else as the reader has called this master. */
    private String address(String path) {
        return admission
                        .url()
                        .orElseGet(() ->
                                ServletUriComponentsBuilder.fromCurrentContextPath().toUriString())
                + path;
    }
}
