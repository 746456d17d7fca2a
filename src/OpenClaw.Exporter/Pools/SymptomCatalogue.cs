using System.Collections.Immutable;

namespace OpenClaw.Exporter.Pools;

/// <summary>The list of symptoms, beside the list of pools: a new symptom is one more element, and its reader.</summary>
static class SymptomCatalogue
{
    public static ImmutableArray<Symptom> All { get; } = [];
}
