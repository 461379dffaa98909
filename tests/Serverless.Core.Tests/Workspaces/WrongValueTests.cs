namespace Serverless.Core.Tests.Workspaces;

/// <summary>One mistake at a time: the message names the place and what was expected.</summary>
public sealed class WrongValueTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("dataset: flights", "dataset: ../x", "(1,10): '../x' cannot be a dataset name")]
    [InlineData("partition: { column: date", "partition: { column: dat", "(3,22): partition column 'dat' is not among the columns. Did you mean 'date'?")]
    [InlineData("partition: { column: date", "partition: { column: origin", "(3,22): partition column 'origin' is string; it must be timestamp.")]
    [InlineData("partition: { column: date, grain: day }", "partition: { grain: day }", "(3,12): 'partition' says neither 'column' nor 'by'")]
    [InlineData("partition: { column: date", "partition: { by: arrival, column: date", "(3,18): 'partition' has both 'column' and 'by'; keep one.")]
    [InlineData("partition: { column: date", "partition: { by: date", "(3,18): 'by' cannot be 'date'. Allowed: arrival.")]
    [InlineData("partition: { column: date, grain: day }\n", "", "(1,1): dataset has no 'partition'; expected '{ column: <timestamp column>")]
    [InlineData("min: -120, max: 2000", "min: 2000, max: -120", "(6,53): column 'delay': min 2000 is greater than max -120")]
    [InlineData("type: integer, unit: miles", "type: intger, unit: miles", "(7,24): 'type' cannot be 'intger'. Did you mean 'integer'? Allowed: integer, number, string, boolean, timestamp.")]
    [InlineData("type: timestamp, required: true", "type: timestamp, required: yes", "(5,45): 'required' must be true or false, not 'yes'.")]
    [InlineData("type: timestamp, required: true", "type: timestamp, min: 3", "(5,40): 'min' applies to integer and number columns; 'date' is timestamp.")]
    [InlineData("\"^[A-Z]{3}$\" }\n  destination", "\"^[A-Z{3}$\" }\n  destination", "(8,57): 'pattern' is not a regular expression: UnterminatedBracket at character")]
    [InlineData("\"^[A-Z]{3}$\" }\n  destination", "\"^(?!X)...$\" }\n  destination", "(8,57): 'pattern' uses look-around, a back-reference or an atomic group, which RE2 does not have")]
    [InlineData("  delay:  ", "  Date: string\n  delay:  ", "(6,3): column 'Date' differs from 'date' (line 5) only by case.")]
    [InlineData("  delay:  ", "  date: string\n  delay:  ", "(6,3): key 'date' is given twice (first on line 5).")]
    [InlineData("  delay:  ", "  _row: string\n  delay:  ", "(6,3): '_row' cannot be a column name")]
    [InlineData("  delay:  ", "  _Line: string\n  delay:  ", "(6,3): '_Line' cannot be a column name: use 1 to 128 printable characters, without spaces at the ends; _check, _row, _line, _key, _label, _part, _prediction and _score are taken.")]
    [InlineData("check: completeness, column", "column", "(12,5): check has no 'check'; expected the name of a check")]
    [InlineData("severity: warning", "severity: fatal", "(12,64): 'severity' cannot be 'fatal'. Allowed: info, warning, error, critical.")]
    [InlineData("every: 1d", "every: 1 day", "(13,19): 'every' must be a duration such as 30d, 12h, 15m or 90s, not '1 day'.")]
    [InlineData("every: 1d", "every: 0d", "(13,19): 'every' must be longer than zero.")]
    [InlineData("due: \"04:00\", ", "", "(13,33): 'deadline' without 'due'")]
    [InlineData("\"04:00\"", "\"4 am\"", "(13,28): 'due' must be a time of day in UTC such as \"04:00\", not '4 am'.")]
    [InlineData("onMissing: keep-last", "onMissing: keeplast", "(13,67): 'onMissing' cannot be 'keeplast'. Did you mean 'keep-last'? Allowed: keep-last, stop, ignore.")]
    [InlineData("type: integer, unit: miles", "type: integer, labels: { de: Strecke }", "(7,43): unknown key 'de' in labels. Allowed: en, fr.")]
    [InlineData("type: integer, unit: miles", "type: integer, labels: [miles]", "(7,41): 'labels' must be a text or texts by language, such as '{ en: the distance, fr: la distance }'.")]
    public void Dataset_OneMistake_IsNamed(string good, string bad, string expected) => Expect("datasets/flights.yaml", WorkspaceFolder.Flights, good, bad, expected);

    [Theory]
    [InlineData("model: flight-delay", "model: Flight Delay", "(1,8): 'Flight Delay' cannot be a model name")]
    [InlineData("task: binary\n", "", "(1,1): model has no 'task'; expected one of binary, multiclass, regression.")]
    [InlineData("label: delay > 15\n", "", "(1,1): model has no 'label'; expected an expression over columns")]
    [InlineData("window: 30d", "window: 7d", "(12,9): 'window' must be longer than 'holdout'")]
    [InlineData("window: 30d", "window: 30", "(12,9): 'window' must be a duration")]
    [InlineData("holdout: 7d\n", "", "(1,1): model has no 'holdout'; expected a duration such as 7d")]
    [InlineData("encode: one-hot }\n  dest", "encode: onehot }\n  dest", "(9,35): 'encode' cannot be 'onehot'. Did you mean 'one-hot'? Allowed: auto, number, category, one-hot, hash, bins, cyclic, text.")]
    [InlineData("encode: one-hot }\n  dest", "encode: one-hot, missing: medien }\n  dest", "(9,53): 'missing' cannot be 'medien'. Did you mean 'median'? Allowed: auto, keep, mean, median, most-frequent, category, or a number.")]
    [InlineData("  hour: date.Hour", "  hour of day: date.Hour", "(6,3): 'hour of day' cannot be a feature name")]
    [InlineData("  hour: date.Hour", "  hour: [date.Hour]", "(6,9): feature 'hour' must be an expression")]
    [InlineData("min: 0.60", "min: 0.9, max: 0.6", "(14,27): gate: min 0.9 is greater than max 0.6")]
    [InlineData("tolerance: 0.005", "tolerance: -1", "(14,44): 'tolerance' must be at least 0, not -1.")]
    [InlineData("0 3 * * *", "0 25 * * *", "(15,22): 'schedule' must be a cron expression of five fields in UTC (minute hour day month weekday)")]
    [InlineData("seed: 42", "seed: 1.5", "(11,63): 'seed' must be a whole number.")]
    [InlineData("approval: auto", "approval: humn", "(16,11): 'approval' cannot be 'humn'. Did you mean 'human'? Allowed: auto, human.")]
    [InlineData("kind: canary", "kind: canari", "(17,18): 'kind' cannot be 'canari'. Did you mean 'canary'? Allowed: none, shadow, canary, ab, bandit, pilot.")]
    [InlineData("start: 2", "start: 200", "(17,33): 'start' must be between 0 and 100, not 200.")]
    [InlineData("start: 2", "strat: 2", "(17,26): unknown key 'strat' in canary. Did you mean 'start'?")]
    [InlineData("cooldown: 12h", "cooldwn: 12h", "(15,67): unknown key 'cooldwn' in retrain. Did you mean 'cooldown'?")]
    [InlineData("approval: auto", "approval: auto\noutcome: { en: [late] }", "(17,16): 'en' must be a text, not a list.")]
    public void Model_OneMistake_IsNamed(string good, string bad, string expected) => Expect("models/flight-delay.yaml", WorkspaceFolder.FlightDelay, good, bad, expected);

    [Theory]
    [InlineData("name: demo\nstorage: azure\n", "(2,10): 'storage: azure' does not say where")]
    [InlineData("name: demo\nstorage: { kind: azure }\n", "(2,10): azure storage takes exactly one of 'account' and 'connection'")]
    [InlineData("name: demo\nstorage: { account: My-Account }\n", "(2,21): 'My-Account' is not the name of a storage account")]
    [InlineData("name: demo\nstorage: { connection: \"AccountKey=abc==\" }\n", "(2,24): 'connection' is the name of an environment variable")]
    [InlineData("name: demo\nstorage: { kind: local, account: abc }\n", "(2,34): 'account' is for 'kind: azure'")]
    [InlineData("name: demo\napiKeys: [{ name: ci, scopes: [predict] }]\n", "(2,11): an API key has exactly one of 'sha256'")]
    [InlineData("name: demo\napiKeys: [{ name: ci, env: KEY, scopes: [predcit] }]\n", "(2,42): scope 'predcit' does not exist. Allowed: predict, operate, admin.")]
    [InlineData("name: demo\napiKeys: [{ name: ci, sha256: secret, scopes: [predict] }]\n", "(2,31): 'sha256' must be 64 hex digits")]
    [InlineData("name: demo\nsigning: requird\n", "(2,10): 'signing' cannot be 'requird'. Did you mean 'required'? Allowed: required, warn.")]
    [InlineData("name: demo\nsigning: [warn]\n", "(2,10): 'signing' must be 'required', 'warn' or a mapping")]
    [InlineData("name: demo\nsigning: { polcy: warn }\n", "(2,12): unknown key 'polcy' in signing. Did you mean 'policy'? Allowed: policy, key, trust.")]
    [InlineData("name: demo\nsigning: { key: \"https://example.org/my/key\" }\n", "(2,17): 'key' must be a PEM file such as keys/signing.pem, 'env:VARIABLE', or a key of Key Vault")]
    [InlineData("name: demo\nsigning: { key: \"-----BEGIN EC PRIVATE KEY-----\" }\n", "(2,17): 'key' says where the key is, never the key itself")]
    [InlineData("name: demo\nsigning: { trust: [no.pem] }\n", "(2,20): the trusted key 'no.pem' does not exist")]
    [InlineData("name: demo\napiKeys: key\n", "(2,10): 'apiKeys' must be a list of keys")]
    [InlineData("name: a\nname: b\n", "(2,1): key 'name' is given twice (first on line 1).")]
    [InlineData("", "(1,1): the file is empty.")]
    [InlineData("# nothing\n", "(1,1): the file is empty.")]
    [InlineData("- a\n", "(1,1): expected keys with values ('key: value') at the top of the file.")]
    [InlineData("name: demo\n---\nname: b\n", "(2,1): a second document")]
    [InlineData("name: *x\n", "(1,7): not valid YAML: alias '*x' has no anchor before it")]
    [InlineData("name: [demo\n", "(2,1): not valid YAML: ")]
    [InlineData("name: demo\n\tstorage: local\n", "(2,1): not valid YAML: ")]
    public void Workspace_OneMistake_IsNamed(string content, string expected)
    {
        folder.Write("serverless.yaml", content);

        folder.Problems().ShouldHaveSingleItem().ToString().ShouldStartWith("serverless.yaml" + expected);
    }

    [Fact]
    public void Workspace_SecretInsteadOfItsName_IsNotRepeated()
    {
        folder.Write("serverless.yaml", "name: demo\nstorage: { connection: \"AccountKey=abc==\" }\napiKeys: [{ name: ci, env: \"se-cret\", scopes: [predict] }]\n");

        string.Join('\n', folder.Problems()).ShouldNotContain("abc");
        string.Join('\n', folder.Problems()).ShouldNotContain("se-cret");
    }

    [Fact]
    public void Workspace_NestedWithoutEnd_IsRefused()
    {
        folder.Write("serverless.yaml", "name: " + new string('[', 100_000));

        folder.Problems().ShouldHaveSingleItem().ToString().ShouldContain("nested deeper than 32 levels");
    }

    private void Expect(string file, string whole, string good, string bad, string expected)
    {
        whole.ShouldContain(good);
        folder.Write(file, whole.Replace(good, bad));

        folder.Problems().ShouldHaveSingleItem().ToString().ShouldStartWith(file + expected);
    }
}
