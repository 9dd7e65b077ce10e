# Judges pairs of RubyGems versions, one a line, tab between, by Gem::Version.
$stdin.each_line(chomp: true) do |line|
  left, right = line.split("\t")
  valid = Gem::Version.correct?(left) && Gem::Version.correct?(right)
  puts valid ? "<=>"[(Gem::Version.new(left) <=> Gem::Version.new(right)) + 1] : "!"
end
