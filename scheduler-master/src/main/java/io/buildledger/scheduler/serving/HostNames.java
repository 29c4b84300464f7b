package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.showing.Printable;
import io.buildledger.starting.MasterProcess;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what was sent to a name that is not this master's. Whoever has a name can have it lead
 * here, also to the loopback of somebody who looks at his page, and a browser would take this
 * master for a part of his site. An address is nobody's name.
 */
@Component
@Order(ServedFilters.HOST_NAMES)
class HostNames extends OncePerRequestFilter {

    private final Set<String> own = new HashSet<>();

    HostNames(ConfigurationFile file) {
        Configuration.Web web = file.configuration().web();
        web.hostNames().forEach(this::add);
        if (web.url() != null) {
            add(URI.create(web.url()).getHost());
        }
        String machine = MasterProcess.localHost();
        add("localhost");
        add(machine);
        add(machine.replaceFirst("\\..*", ""));
    }

    private void add(String name) {
        own.add(name.toLowerCase(Locale.ROOT));
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String name = request.getServerName();
        if (isOwn(name)) {
            chain.doFilter(request, response);
            return;
        }
        Unanswered.of(
                        request.getRequestURI(),
                        HttpStatus.MISDIRECTED_REQUEST,
                        "Host: '%s' is no name of this master that it knows: if it is one, add it to host_names of web in the configuration"
                                .formatted(Printable.cut(name, 80)))
                .sendTo(response, HttpStatus.MISDIRECTED_REQUEST);
    }

    private boolean isOwn(String name) {
        return own.contains(name.toLowerCase(Locale.ROOT)) || isAddress(name);
    }

    private static boolean isAddress(String name) {
        try {
            InetAddress _ = InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
