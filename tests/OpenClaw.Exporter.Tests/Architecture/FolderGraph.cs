using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;

namespace OpenClaw.Exporter.Tests;

/// <summary>A dependency of one folder of a project on another.</summary>
/// <param name="From">The folder; empty for the project's root.</param>
/// <param name="To">The folder it depends on; empty for the project's root.</param>
sealed record FolderEdge(string From, string To)
{
    /// <summary>True where both folders are in the cycle.</summary>
    public bool IsIn(ImmutableArray<string> cycle) => cycle.Contains(From) && cycle.Contains(To);

    /// <inheritdoc/>
    public override string ToString() => $"{From} → {(To.Length > 0 ? To : "(root)")}";
}

/// <summary>
/// The dependencies between the folders of a project. They come from the assembly's metadata and code, which spelling
/// cannot hide. Constants leave no trace there, so using directives count too. Namespaces follow folders.
/// </summary>
sealed class FolderGraph
{
    const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Static
        | BindingFlags.Instance
        | BindingFlags.DeclaredOnly;

    static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields()
        .Select(static field => field.GetValue(null))
        .OfType<OpCode>()
        .ToDictionary(static code => (int)(ushort)code.Value);

    readonly string _root;
    readonly SortedDictionary<(string From, string To), SortedSet<string>> _uses = [];

    FolderGraph(string root) => _root = root;

    /// <summary>Each pair of dependent folders, with the uses that make them so.</summary>
    public IEnumerable<(FolderEdge Edge, ImmutableArray<string> Uses)> Edges =>
        _uses.Select(static uses => (new FolderEdge(uses.Key.From, uses.Key.To), uses.Value.ToImmutableArray()));

    /// <summary>Reads an assembly and its sources.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="root">Its root namespace.</param>
    /// <param name="sources">The folder with its sources.</param>
    public static FolderGraph Read(Assembly assembly, string root, string sources)
    {
        var graph = new FolderGraph(root);
        foreach (var type in assembly.GetTypes().Where(type => graph.FolderOf(type) is not null))
        {
            foreach (var used in UsedBy(type).SelectMany(Parts).Where(used => used.Assembly == assembly))
            {
                var use = $"{Outermost(type).Name} uses {Outermost(used).Name}";
                graph.Add(graph.FolderOf(type), graph.FolderOf(used), use);
            }
        }

        foreach (var file in Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories))
        {
            var folder = Path.GetRelativePath(sources, file).Split('/') is [var first, _, ..] ? first : "";
            var directive = $"using {root}.";
            var directives = File.ReadLines(file).Where(line => line.StartsWith(directive, StringComparison.Ordinal));
            foreach (var used in directives.Select(line => line[directive.Length..].TrimEnd(';').Split('.')[0]))
                graph.Add(folder, used, $"{Path.GetFileName(file)} has a using directive");
        }

        return graph;
    }

    /// <summary>The groups of folders below the root that depend on each other, directly or through others.</summary>
    public IEnumerable<ImmutableArray<string>> Cycles()
    {
        var next = Edges
            .Select(static edge => edge.Edge)
            .Where(static edge => edge.From.Length > 0 && edge.To.Length > 0)
            .ToLookup(static edge => edge.From, static edge => edge.To);
        var reached = next.Select(static folder => folder.Key)
            .ToDictionary(static folder => folder, folder => Reached(folder, next));
        return reached
            .Keys.Where(folder => reached[folder].Contains(folder))
            .Select(CycleOf)
            .DistinctBy(static cycle => cycle[0]);

        ImmutableArray<string> CycleOf(string folder) =>
            [.. reached[folder].Where(other => IsReached(other, folder)).Order(StringComparer.Ordinal)];

        bool IsReached(string from, string to) => reached.TryGetValue(from, out var others) && others.Contains(to);
    }

    static HashSet<string> Reached(string start, ILookup<string, string> next)
    {
        var reached = new HashSet<string>();
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out var folder))
        {
            foreach (var other in next[folder].Where(reached.Add))
                queue.Enqueue(other);
        }

        return reached;
    }

    void Add(string? from, string? to, string use)
    {
        if (from is null || to is null || from == to)
            return;
        if (!_uses.TryGetValue((from, to), out var uses))
            _uses.Add((from, to), uses = new(StringComparer.Ordinal));
        uses.Add(use);
    }

    /// <summary>
    /// The folder of a type. Null for types that the compiler adds outside of the project's types, and for those of
    /// generators in other namespaces.
    /// </summary>
    string? FolderOf(Type type)
    {
        var outermost = Outermost(type);
        if (outermost.Name.StartsWith('<'))
            return null;
        if (outermost.Namespace is null || outermost.Namespace == _root)
            return "";
        return outermost.Namespace.StartsWith(_root + ".", StringComparison.Ordinal)
            ? outermost.Namespace[(_root.Length + 1)..].Split('.')[0]
            : null;
    }

    static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>A type with its element type and type arguments.</summary>
    static IEnumerable<Type> Parts(Type type)
    {
        if (type.IsGenericParameter)
            return [];
        if (type.GetElementType() is { } element)
            return Parts(element);
        return type.IsGenericType
            ? type.GetGenericArguments().SelectMany(Parts).Prepend(type.GetGenericTypeDefinition())
            : [type];
    }

    static IEnumerable<Type> UsedBy(Type type)
    {
        var constraints = type.GetGenericArguments()
            .SelectMany(static parameter => parameter.GetGenericParameterConstraints());
        return
        [
            .. type.BaseType is { } parent ? (Type[])[parent] : [],
            .. type.GetInterfaces(),
            .. constraints,
            .. Attributes(type),
            .. type.GetFields(Declared).SelectMany(static field => Attributes(field).Append(field.FieldType)),
            .. type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)).SelectMany(UsedBy),
        ];
    }

    static IEnumerable<Type> UsedBy(MethodBase method) =>
        [
            .. method is MethodInfo { ReturnType: var result } ? (Type[])[result] : [],
            .. method.GetParameters().Select(static parameter => parameter.ParameterType),
            .. (method.IsGenericMethod ? method.GetGenericArguments() : []).SelectMany(static argument =>
                argument.GetGenericParameterConstraints()
            ),
            .. Attributes(method),
            .. method.GetMethodBody() is { } body
                ? body.LocalVariables.Select(static local => local.LocalType).Concat(UsedIn(body, method))
                : [],
        ];

    static IEnumerable<Type> Attributes(MemberInfo member) =>
        member
            .GetCustomAttributesData()
            .SelectMany(static data =>
                data.ConstructorArguments.Select(static argument => argument.Value)
                    .OfType<Type>()
                    .Append(data.AttributeType)
            );

    /// <summary>The types that a method's instructions name, and the types of the members that they name.</summary>
    static IEnumerable<Type> UsedIn(MethodBody body, MethodBase method)
    {
        var code = body.GetILAsByteArray()!;
        var types = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length; )
        {
            var value = (int)code[at++];
            if (value == 0xfe)
                value = (value << 8) | code[at++];
            var operand = OpCodesByValue[value].OperandType;
            if (
                operand
                is OperandType.InlineField
                    or OperandType.InlineMethod
                    or OperandType.InlineTok
                    or OperandType.InlineType
            )
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), types, arguments)!;
                foreach (var type in Named(member))
                    yield return type;
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    static IEnumerable<Type> Named(MemberInfo member) =>
        member switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType!, field.FieldType],
            MethodInfo method =>
            [
                method.DeclaringType!,
                method.ReturnType,
                .. method.IsGenericMethod ? method.GetGenericArguments() : [],
            ],
            _ => [member.DeclaringType!],
        };
}
