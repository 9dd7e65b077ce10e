# Judges pairs of Hex versions, one a line, tab between, by Elixir's Version.
for line <- IO.stream(:stdio, :line) do
  [left, right] = line |> String.trim_trailing("\n") |> String.split("\t")

  case {Version.parse(left), Version.parse(right)} do
    {{:ok, left}, {:ok, right}} ->
      IO.puts(%{lt: "<", eq: "=", gt: ">"}[Version.compare(left, right)])

    _ ->
      IO.puts("!")
  end
end
