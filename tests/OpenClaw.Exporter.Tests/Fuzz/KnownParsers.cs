using System.Collections.Immutable;
using System.Reflection;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The parsers of bytes in both assemblies, found by their form: a static method that makes a reading, a record or null
/// of bytes. Each needs captured bytes in <see cref="CapturedBytes"/>.
/// </summary>
static class KnownParsers
{
    const BindingFlags Static =
        BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    static readonly ImmutableHashSet<string> Names = ["Parse", "Read", "TryRead", "TryParse", "FirstIn"];

    /// <summary>The parsers by "Type.Method".</summary>
    public static ImmutableSortedDictionary<string, MethodInfo> All { get; } =
        ((Assembly[])[typeof(Snapshot).Assembly, typeof(ExporterFlags).Assembly])
            .SelectMany(static assembly => assembly.GetTypes())
            .SelectMany(static type => type.GetMethods(Static))
            .Where(IsParser)
            .ToImmutableSortedDictionary(
                static method => $"{method.DeclaringType!.Name}.{method.Name}",
                static method => method
            );

    /// <summary>Returns a function that gives a parser its bytes, and returns the result.</summary>
    public static Func<byte[], int, int, object?> Runner(MethodInfo method)
    {
        var parameters = method.GetParameters();
        var isTry = parameters is [_, { IsOut: true }];
        var made = isTry ? parameters[1].ParameterType.GetElementType()! : method.ReturnType;
        var name = (isTry, parameters.Length) switch
        {
            (true, _) => made.IsByRefLike ? nameof(StackRunner) : nameof(TryRunner),
            (_, 2) => nameof(NamedRunner),
            _ => nameof(PlainRunner),
        };
        return (Func<byte[], int, int, object?>)
            typeof(KnownParsers).GetMethod(name, Static)!.MakeGenericMethod(made).Invoke(null, [method])!;
    }

    static bool IsParser(MethodInfo method) =>
        method.GetParameters() is [{ ParameterType: var first }, .. var rest]
        && (first == typeof(ReadOnlySpan<byte>) || first == typeof(ReadOnlyMemory<byte>))
        && !method.IsGenericMethod
        // It throws on purpose: see TextFuzzTests.
        && method.DeclaringType != typeof(FixJson)
        && !method.Name.Contains('<', StringComparison.Ordinal)
        && (IsReading(method.ReturnType) || Names.Contains(method.Name))
        && rest is [] or [{ IsOut: true }] or [{ ParameterType.FullName: "System.String" }];

    static bool IsReading(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Reading<>);

    static Func<byte[], int, int, object?> PlainRunner<T>(MethodInfo method)
    {
        if (method.GetParameters()[0].ParameterType == typeof(ReadOnlyMemory<byte>))
        {
            var read = method.CreateDelegate<Func<ReadOnlyMemory<byte>, T>>();
            return (bytes, start, length) => read(bytes.AsMemory(start, length));
        }

        var parse = method.CreateDelegate<SpanParser<T>>();
        return (bytes, start, length) => parse(bytes.AsSpan(start, length));
    }

    static Func<byte[], int, int, object?> NamedRunner<T>(MethodInfo method)
    {
        if (method.GetParameters()[0].ParameterType == typeof(ReadOnlyMemory<byte>))
        {
            var read = method.CreateDelegate<Func<ReadOnlyMemory<byte>, string, T>>();
            return (bytes, start, length) => read(bytes.AsMemory(start, length), CapturedBytes.Name);
        }

        var parse = method.CreateDelegate<NamedParser<T>>();
        return (bytes, start, length) => parse(bytes.AsSpan(start, length), CapturedBytes.Name);
    }

    static Func<byte[], int, int, object?> TryRunner<T>(MethodInfo method)
    {
        var parse = method.CreateDelegate<TryParser<T>>();
        return (bytes, start, length) => parse(bytes.AsSpan(start, length), out var value) ? value : null;
    }

    /// <summary>A record that holds its bytes cannot leave the stack.</summary>
    static Func<byte[], int, int, object?> StackRunner<T>(MethodInfo method)
        where T : allows ref struct
    {
        var parse = method.CreateDelegate<StackParser<T>>();
        return (bytes, start, length) => parse(bytes.AsSpan(start, length), out _);
    }

    delegate T SpanParser<T>(ReadOnlySpan<byte> bytes);

    delegate T NamedParser<T>(ReadOnlySpan<byte> bytes, string name);

    delegate bool TryParser<T>(ReadOnlySpan<byte> bytes, out T value);

    delegate bool StackParser<T>(ReadOnlySpan<byte> bytes, out T value)
        where T : allows ref struct;
}
