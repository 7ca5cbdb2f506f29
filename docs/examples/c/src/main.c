#include <stdio.h>
#include <stdlib.h>

#include "calc.h"

int main(int count, char **words) {
  long sum = 0;
  for (int index = 1; index < count; index++) sum = add(sum, strtol(words[index], NULL, 10));
  printf("%ld\n", sum);
  return 0;
}
