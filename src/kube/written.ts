/**
 * A generated type as it is written down: its enums as their texts, so that nothing of the large generated modules is loaded.
 */
export type Written<T> =
  T extends string ? `${T}` :
    T extends number | boolean ? T :
      T extends readonly (infer Item)[] ? readonly Written<Item>[] :
        T extends object ? { readonly [Field in keyof T]: Written<T[Field]> } :
          T;
