using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The alerts that a symptom can have, to find one by its name.</summary>
static class KnownAlerts
{
    static readonly ImmutableArray<Alert> All =
    [
        .. from symptom in SymptomCatalogue.All
        from value in FirstLabelsOf(symptom)
        let alert = symptom.Alert([value])
        where alert is not null
        select alert,
        Alert.FileMaxReached,
        Alert.ExporterDescriptors,
        .. ConntrackAlerts.All,
    ];

    /// <summary>
    /// Returns the alert with this name and code, and with this advice where several differ in it; null when there is
    /// none.
    /// </summary>
    public static Alert? Find(string name, string code, string advice) =>
        All.Where(alert => alert.Name == name && alert.Code == code).MaxBy(alert => alert.Advice == advice);

    static IEnumerable<string> FirstLabelsOf(Symptom symptom) =>
        symptom.Labels.FirstOrDefault() switch
        {
            "kind" => Enum.GetValues<KernelLogKind>().Select(SnakeCase.Convert),
            "operation" => Enum.GetValues<ProbeOperation>().Select(SnakeCase.Convert),
            "code" => ClwCodes.All,
            _ => [""],
        };
}
