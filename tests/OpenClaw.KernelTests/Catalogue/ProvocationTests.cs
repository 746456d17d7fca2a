using System.Reflection;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.KernelTests;

/// <summary>
/// Every pool and symptom is provoked by a test here, or is in the table of exceptions with its reason. The reference
/// prints that table.
/// </summary>
public class ProvocationTests
{
    static readonly string KernelLog = SymptomCatalogue.KernelLogEventTimestampSeconds.Name;

    static readonly MethodInfo[] Tests =
    [
        .. typeof(ProvocationTests)
            .Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods())
            .Where(static method => method.IsDefined(typeof(FactAttribute), inherit: true)),
    ];

    static readonly HashSet<string> Provoked =
    [
        .. Tests.SelectMany(static method => method.GetCustomAttribute<ProvokesAttribute>()?.Names ?? []),
    ];

    /// <summary>
    /// The names of all pools, symptoms and kernel messages, each with the reason why no test provokes it.
    /// </summary>
    static readonly Dictionary<string, string> Listed = new([
        .. PoolCatalogue.All.Select(static pool => KeyValuePair.Create(pool.Name, Unprovoked.ReasonFor(pool.Name))),
        .. SymptomCatalogue
            .All.Where(static symptom => symptom != SymptomCatalogue.KernelLogEventTimestampSeconds)
            .Select(static symptom => KeyValuePair.Create(symptom.Name, Unprovoked.ReasonFor(symptom.Name))),
        .. Enum.GetValues<KernelLogKind>()
            .Select(static kind => SnakeCase.Convert(kind))
            .Select(static kind =>
                KeyValuePair.Create(
                    $"{KernelLog} {kind}",
                    Unprovoked.ReasonFor(KernelLog) is var reason && reason.Contains(kind, StringComparison.Ordinal)
                        ? reason
                        : ""
                )
            ),
    ]);

    [Fact]
    public void Each_unprovoked_condition_has_a_reason() =>
        Assert.Empty(
            Listed
                .Where(static entry => entry.Value.Length == 0)
                .Select(static entry => entry.Key)
                .Except(Provoked)
                .Order()
        );

    [Fact]
    public void Each_provoked_condition_is_in_the_lists() => Assert.Empty(Provoked.Except(Listed.Keys).Order());

    /// <summary>Each scenario names a test here that fills its pool.</summary>
    [Fact]
    public void Each_scenario_is_tried_on_a_kernel()
    {
        var provoked = Tests.ToLookup(
            static test => $"{test.DeclaringType!.Name}.{test.Name}",
            static test => test.GetCustomAttribute<ProvokesAttribute>()?.Names ?? []
        );

        Assert.All(Scenario.All, scenario =>
            Assert.Contains(scenario.Pool, provoked[scenario.KernelTest].SelectMany(static names => names))
        );
    }
}
