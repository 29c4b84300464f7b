package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.stepping.StepCondition;
import org.jspecify.annotations.Nullable;

/**
 * Which of a builder's requests on offer goes first. Those with a higher priority always do.
 *
 * @param order of requests with the same priority; default {@code in_order}
 * @param prefer requests for which this holds go before others with the same priority; it may ask
 *     for their properties and source stamps. The first 100 on offer are looked at
 */
public record NextBuildRule(Order order, @Nullable StepCondition prefer) {

    static final NextBuildRule IN_ORDER = new NextBuildRule(Order.IN_ORDER, null);

    public NextBuildRule {
        order = order == null ? Order.IN_ORDER : order;
    }

    /** Of requests with the same priority. */
    public enum Order {
        /** The first submitted. */
        @JsonProperty("in_order")
        IN_ORDER(NextBuild.IN_ORDER),
        /** The last submitted. */
        @JsonProperty("newest_first")
        NEWEST_FIRST(NextBuild.NEWEST_FIRST);

        private final NextBuild next;

        Order(NextBuild next) {
            this.next = next;
        }

        public NextBuild toDomain() {
            return next;
        }
    }
}
