package io.buildledger.scheduler.serving;

import org.springframework.core.Ordered;

/** In what order the filters look at a request, all of them before that of Spring Security. */
final class ServedFilters {

    static final int SECURITY_HEADERS = Ordered.HIGHEST_PRECEDENCE + 100;
    static final int HOST_NAMES = SECURITY_HEADERS + 1;
    static final int OWN_PAGES = HOST_NAMES + 1;

    private ServedFilters() {}
}
