package io.buildledger.scheduler.tracing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.InstrumentationLibraryInfo;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.time.Instant;
import java.util.List;

/**
 * A span that was over before anybody thought of it as one.
 *
 * @param parent invalid where it has none
 * @param totalEvents of which {@code events} may be the last alone
 */
record RecordedSpan(
        String name,
        SpanKind kind,
        SpanContext context,
        SpanContext parent,
        Instant from,
        Instant to,
        Attributes attributes,
        List<EventData> events,
        int totalEvents,
        List<LinkData> links,
        StatusData status)
        implements SpanData {

    private static final Resource RESOURCE =
            Resource.getDefault().toBuilder().put("service.name", "buildledger").build();

    private static final InstrumentationScopeInfo SCOPE =
            InstrumentationScopeInfo.create("io.buildledger");

    /** A span within others, without events and links. */
    static RecordedSpan of(
            String name,
            SpanKind kind,
            SpanContext context,
            SpanContext parent,
            Instant from,
            Instant to,
            Attributes attributes,
            StatusData status) {
        return new RecordedSpan(
                name, kind, context, parent, from, to, attributes, List.of(), 0, List.of(), status);
    }

    static long nanos(Instant at) {
        return SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public SpanKind getKind() {
        return kind;
    }

    @Override
    public SpanContext getSpanContext() {
        return context;
    }

    @Override
    public SpanContext getParentSpanContext() {
        return parent;
    }

    @Override
    public StatusData getStatus() {
        return status;
    }

    @Override
    public long getStartEpochNanos() {
        return nanos(from);
    }

    /** The database's clock may have been put back between the two. */
    @Override
    public long getEndEpochNanos() {
        return Math.max(nanos(from), nanos(to));
    }

    @Override
    public boolean hasEnded() {
        return true;
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public int getTotalAttributeCount() {
        return attributes.size();
    }

    @Override
    public List<EventData> getEvents() {
        return events;
    }

    @Override
    public int getTotalRecordedEvents() {
        return totalEvents;
    }

    @Override
    public List<LinkData> getLinks() {
        return links;
    }

    @Override
    public int getTotalRecordedLinks() {
        return links.size();
    }

    @Override
    @SuppressWarnings("deprecation") // The interface still wants it of those who implement it.
    public InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
        return InstrumentationLibraryInfo.create(SCOPE.getName(), SCOPE.getVersion());
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
        return SCOPE;
    }

    @Override
    public Resource getResource() {
        return RESOURCE;
    }
}
