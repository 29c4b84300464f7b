package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.serving.Sent.Fields;
import io.buildledger.scheduler.supposing.Allowance;
import io.buildledger.scheduler.supposing.Answer;
import io.buildledger.scheduler.supposing.TooMuchException;
import io.buildledger.scheduler.supposing.UnanswerableException;
import io.buildledger.scheduler.supposing.WhatIf;
import io.buildledger.scheduler.supposing.WhatIf.Question;
import io.buildledger.scheduler.supposing.WrittenQuestion;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What another configuration would have made of what is recorded in this master's own database,
 * whichever one it names. Nothing that it names is looked for.
 */
@RestController
@RequestMapping("/api")
class WhatIfController {

    /** Some 15 s of reading. */
    private static final long MOST_EVENTS = 3_000_000;

    /** Some 200 MB. */
    private static final long MOST_PARTS = 500_000;

    private final Database database;
    private final Suppositions suppositions;

    WhatIfController(Database database, Suppositions suppositions) {
        this.database = database;
        this.suppositions = suppositions;
    }

    @PostMapping("/what-if")
    @Takes(Sent.WHAT_IF)
    Answer whatIf(Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        asker.require(Act.SUPPOSE);
        // The answer tells of all that was built.
        asker.require(Act.VIEW);
        SentFields fields = SentFields.of(request, Sent.WHAT_IF);
        String configuration = fields.text(Fields.CONFIGURATION);
        String since = fields.text(Fields.SINCE).strip();
        String until = fields.lineOrNull(Fields.UNTIL);
        Map<String, Integer> workers = counts(fields.map(Fields.WORKERS));
        try {
            Question question = WrittenQuestion.read(since, until, workers, SentTime::read);
            return suppositions.ask(() -> answer(configuration, question));
        } catch (InvalidConfigurationException e) {
            throw new BadParameterException(String.join("; ", e.problems()));
        } catch (TooMuchException e) {
            throw new BadParameterException(e.told("") + ": " + Suppositions.INSTEAD);
        } catch (UnanswerableException e) {
            throw e.isOfField()
                    ? new BadParameterException(e.told(""))
                    : new NotThereException(e.told(""));
        }
    }

    private Answer answer(String configuration, Question question) throws InterruptedException {
        ConfigurationFile candidate =
                ConfigurationFile.ofSent(Fields.CONFIGURATION.name(), configuration);
        try (ReadingConnection connection = database.connectToRead()) {
            return WhatIf.of(
                    connection, candidate, question, new Allowance(MOST_EVENTS, MOST_PARTS));
        }
    }

    private static Map<String, Integer> counts(Map<String, Object> sent) {
        Map<String, Integer> counts = new TreeMap<>();
        sent.forEach((name, count) -> {
            if (!(count instanceof Integer number)) {
                throw new BadParameterException(
                        "%s: of '%s' there is no whole number up to %d"
                                .formatted(
                                        Fields.WORKERS.name(), name, WrittenQuestion.MOST_WORKERS));
            }
            counts.put(name, number);
        });
        return counts;
    }
}
