using System.Text.Json;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Json;

/// <summary>
/// The fields of one step, asked for by type. The first field that is wrong is remembered as the fault, and a stand-in given for it, so
/// that a step is built without a look at each field in turn: who builds it asks for <see cref="Wrong"/> at the end.
/// </summary>
internal sealed class JsonStepFields
{
    private readonly JsonSlot[] _slots = new JsonSlot[JsonFieldNames.Count];

    public string? Wrong { get; private set; }

    /// <summary>The byte at which it is wrong, from 0.</summary>
    public int WrongAt { get; private set; }

    /// <summary>The step in <see cref="JsonField.Attempt"/>; null when there is none.</summary>
    public SocketStep? Attempt { get; set; }

    /// <summary>The fields that the step has, a bit each; one that is null counts as left out.</summary>
    public uint Present { get; private set; }

    public void Clear()
    {
        Array.Clear(_slots);
        Wrong = null;
        Attempt = null;
        Present = 0;
    }

    /// <summary>Takes in a field; false when the step has it already.</summary>
    public bool Add(JsonField field, JsonSlot value)
    {
        if (_slots[(int)field].Kind != JsonTokenType.None)
            return false;
        _slots[(int)field] = value;
        if (value.Kind != JsonTokenType.Null)
            Present |= 1u << (int)field;
        return true;
    }

    public bool Has(JsonField field) => (Present & 1u << (int)field) != 0;

    public JsonSlot Slot(JsonField field) => _slots[(int)field];

    /// <summary>Remembers what is wrong with a field, if nothing was wrong before.</summary>
    public void Refuse(JsonField field, string? fault)
    {
        if (fault is null || Wrong is not null)
            return;
        Wrong = fault;
        WrongAt = _slots[(int)field].At;
    }

    /// <param name="check">Gives null, or what is wrong with it.</param>
    public string Text(JsonField field, Func<string, string?>? check = null)
    {
        var slot = _slots[(int)field];
        if (slot is not { Kind: JsonTokenType.String, Text: { } text })
        {
            Refuse(field, $"{JsonFieldNames.Of(field)} must be a string, not {slot.Shown}");
            return "";
        }
        Refuse(field, check?.Invoke(text));
        return text;
    }

    public string? TextOrNone(JsonField field, Func<string, string?> check) => Has(field) ? Text(field, check) : null;

    /// <param name="check">Gives null, or what is wrong with it: it keeps the number within the type that the caller casts it to.</param>
    public decimal Number(JsonField field, Func<decimal, string?> check)
    {
        var slot = _slots[(int)field];
        var fault = slot.Kind != JsonTokenType.Number ? $"{JsonFieldNames.Of(field)} must be a number, not {slot.Shown}"
            : slot.Text is not null ? $"{JsonFieldNames.Of(field)} is out of range: {slot.Shown}"
            : check(slot.Number);
        Refuse(field, fault);
        return fault is null ? slot.Number : 0;
    }

    public T Word<T>(JsonField field, params ReadOnlySpan<(string Word, T Value)> words)
    {
        var text = Text(field);
        var known = new List<string>(words.Length);
        foreach (var (word, value) in words)
        {
            if (word == text)
                return value;
            known.Add(word);
        }
        Refuse(field, $"{JsonFieldNames.Of(field)} {_slots[(int)field].Shown} is not known{Nearest.Hint(text, known)}");
        return words[0].Value;
    }

    /// <summary>An address, with the scope after its <c>%</c>.</summary>
    public ScenarioAddress Address()
    {
        var text = Text(JsonField.Address);
        if (Wrong is not null)
            return default;
        Refuse(JsonField.Address, ScenarioAddress.Read(text, out var address));
        return address;
    }

    public IpAddress AddressWithoutScope()
    {
        var (address, scope) = Address();
        if (scope is not null)
            Refuse(JsonField.Address, $"only bind takes a scope; write {address}");
        return address;
    }

    public ushort Port() => (ushort)Number(JsonField.Port, StepRules.OfPort);

    public OptionValue OptionValue(SocketOption option)
    {
        var slot = _slots[(int)JsonField.Value];
        OptionValue? value = slot switch
        {
            { Kind: JsonTokenType.String, Text: { } text } => new(0, text),
            { Kind: JsonTokenType.Number, Text: null }
                when decimal.IsInteger(slot.Number) && slot.Number is >= long.MinValue and <= long.MaxValue => new((long)slot.Number),
            { Kind: JsonTokenType.True or JsonTokenType.False } when OptionRules.IsFlag(option) =>
                Scenarios.OptionValue.Flag(slot.Kind == JsonTokenType.True),
            _ => null,
        };
        Refuse(JsonField.Value, value is { } given ? OptionRules.Fault(option, given)
            : $"{SocketOptionNames.Of(option)} does not take {slot.Shown}; {OptionRules.Takes(option)}");
        return value ?? default;
    }

    /// <summary>A sysctl's value: a text, or a whole number for its digits.</summary>
    public string SysctlValue()
    {
        var slot = _slots[(int)JsonField.Value];
        if (slot is { Kind: JsonTokenType.Number, Text: null } && decimal.IsInteger(slot.Number))
            return decimal.Truncate(slot.Number).ToString(CultureInfo.InvariantCulture);
        return SysctlRules.Plain(Text(JsonField.Value, static value => SysctlRules.OfValue(SysctlRules.Plain(value))));
    }
}
