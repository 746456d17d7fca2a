using System.Reflection;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.KernelTests;

/// <summary>Each pool and symptom is provoked by a test here, or says in its list what is not and why, for the reference to print.</summary>
public class ProvocationTests
{
    const string KernelLog = "kernel_log_event_timestamp_seconds";

    static readonly MethodInfo[] Tests = [.. typeof(ProvocationTests).Assembly.GetTypes()
        .SelectMany(static type => type.GetMethods())
        .Where(static method => method.IsDefined(typeof(FactAttribute), inherit: true))];

    static readonly HashSet<string> Provoked = [.. Tests.SelectMany(static method => method.GetCustomAttribute<ProvokesAttribute>()?.Names ?? [])];

    /// <summary>Name, and what is said of it.</summary>
    static readonly Dictionary<string, string> Listed = new(
    [
        .. PoolCatalogue.All.Select(static pool => KeyValuePair.Create(pool.Name, pool.Unprovoked)),
        .. SymptomCatalogue.All.Where(static symptom => symptom.Name != KernelLog).Select(static symptom => KeyValuePair.Create(symptom.Name, symptom.Unprovoked)),
        .. Enum.GetValues<KernelLogKind>().Select(static kind => SnakeCase.Of(kind)).Select(static kind => KeyValuePair.Create(
            $"{KernelLog} {kind}", SymptomCatalogue.All.Single(static symptom => symptom.Name == KernelLog) is var log && log.Unprovoked.Contains(kind, StringComparison.Ordinal) ? log.Unprovoked : "")),
    ]);

    [Fact]
    public void What_no_test_provokes_says_why() =>
        Assert.Empty(Listed.Where(static entry => entry.Value.Length == 0).Select(static entry => entry.Key).Except(Provoked).Order());

    [Fact]
    public void What_a_test_provokes_is_in_the_lists() => Assert.Empty(Provoked.Except(Listed.Keys).Order());

    /// <summary>The list of scenarios names for each pool a test here that fills it.</summary>
    [Fact]
    public void Each_scenario_is_tried_on_a_kernel()
    {
        var provoked = Tests.ToLookup(
            static test => $"{test.DeclaringType!.Name}.{test.Name}",
            static test => test.GetCustomAttribute<ProvokesAttribute>()?.Names ?? []);

        Assert.All(Scenario.All, scenario => Assert.Contains(scenario.Pool, provoked[scenario.KernelTest].SelectMany(static names => names)));
    }
}
