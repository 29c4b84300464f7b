package io.buildledger.steps;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A setting that git takes from its environment, so that it is in no file. */
record GitSetting(String key, String value) {

    static final String COUNT = "GIT_CONFIG_COUNT";

    /**
     * @param given how many settings there are before
     */
    static Map<String, String> variables(int given, List<GitSetting> settings) {
        Map<String, String> variables = new HashMap<>();
        int number = given;
        for (GitSetting setting : settings) {
            variables.put("GIT_CONFIG_KEY_" + number, setting.key);
            variables.put("GIT_CONFIG_VALUE_" + number, setting.value);
            number++;
        }
        variables.put(COUNT, String.valueOf(number));
        return variables;
    }
}
